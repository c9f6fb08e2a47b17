// Package natsstore keeps revocations in a JetStream stream of NATS 2.11 or later: one server, or a cluster over several zones or
// regions.
//
// # Use
//
//	js, err := jetstream.New(conn)
//	store, err := natsstore.Open(ctx, js, natsstore.Options{CreateStream: true})
//	defer store.Close()
//
// # How nodes follow
//
// Each name has a subject of its own in the stream, and the stream keeps the last message of each subject. A revocation
// is merged with the one that is there by compare-and-swap, so the stream holds one message for each name, and a
// message that changes gets a new and higher sequence. A node reads on from the sequence where it was, and so misses
// nothing, whatever it was cut off from. The server sends a notice when it has stored a message; that wakes the nodes,
// and it may get lost.
//
// Messages have a time to live, so NATS forgets them by itself, a minute after they have expired.
//
// With replicas, [Store.Read] and [Store.Lookup] write a message first, the barrier. A server that was cut off from the others
// goes on for seconds in the belief that it is the leader, and answers questions about the stream as if nothing had happened;
// but it can't write. And any replica may answer a question, also one that lags behind; the barrier's sequence tells
// them apart. So a Read costs the cluster one small write, which replaces the one before. Without replicas there is one server
// to ask, and a Read that finds nothing new is one question.
//
// A message with a random identity goes with the stream. When it is missing, or the sequence went back, or what
// should be old is new, then NATS has lost what it had acknowledged (the stream was purged, deleted or restored from a
// backup), and the node gets [revocation.ErrCursor] and reads all anew. The times that this compares are those of the
// servers. Deleting single messages goes unnoticed.
//
// # Durability
//
// [Open] refuses a stream that may forget: one in memory, with fewer replicas than were asked for, or with a limit of age, number
// or size that deletes old messages.
//
//   - With three replicas, the default, a write is acknowledged when two servers have it.
//
//   - A server writes to its disk at once, but has the disk confirm that (fsync) only every two minutes: the setting
//     sync_interval of jetstream. When its machine crashes, a single server loses what it had acknowledged in that time. A cluster does
//     when the machines of a majority crash together. With
//
//     jetstream { sync_interval: always }
//
//     nothing is lost, and a write costs an fsync. Use it with one replica, and where all servers hang on one power supply.
//     A client can't ask for this setting, so Open does not check it.
//
// # Permissions
//
// Who may publish to the subjects of the stream can revoke, and who may use the JetStream API for it can make sessions
// good again. A node needs to publish to NAME.> and to $JS.API.STREAM.INFO.NAME, $JS.API.STREAM.MSG.GET.NAME and
// $JS.API.DIRECT.GET.NAME, and to subscribe to NAME.added.> and _INBOX.>.
package natsstore
