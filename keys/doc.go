// Package keys holds the keys of a session: which one seals now, which ones still open, and where they come from.
//
// # Use
//
// A small application keeps one 32-byte secret in its environment (make one with `openssl rand -hex 32`) and
// adds a second one in front of it to rotate; the first seals, all open:
//
//	ring, err := keys.FromSecrets(os.Getenv("SEALJAR_SECRET"))
//
// Others keep a key file, a JWK Set (RFC 7517) in which dates alone decide which key seals; see [Parse] for its form:
//
//	ring, err := keys.ReadFile("/etc/myapp/keys.json", keys.Options{})
//
// [OpenFile] follows the file, so that keys change without a restart. [Rotate] says what ring should follow another, the command
// cmd/sealjar does it for operators, and a [Rotator] by itself, on any number of nodes that share a [Store].
//
// A [Ring] never changes. What needs keys asks a [Source] for the ring of the moment; a Ring is a Source of itself.
//
// # Threats
//
// A key that can be guessed is worse than none, because it looks like protection. The constructors therefore refuse
// keys that are empty, short, constant, patterned, printable text, or published as an example, and keys that
// are not what they claim to be: a point off its curve, a public key that belongs to another private
// key, one secret used for two purposes. Every error names the key and the reason and never repeats a byte of the secret.
//
// A [Key] and a [Ring] never print a secret: they show as "[secret]" under the verbs of fmt, in slog and in JSON, and where
// fmt asks no method, as in an unexported field of another type, it finds nothing. The one way to read the bytes is
// [Marshal], which writes the key file. [Material] has its secrets in plain fields, and shows as "[secret]" only where a
// method is asked: not in an unexported field, nor under %p and %w, which go vet refuses. Don't keep it.
//
// # Limits
//
// A ring holds 1 to [MaxKeys] keys. A key id has 1 to [MaxIDLength] characters out of A-Z, a-z, 0-9, dot,
// underscore and hyphen. A key file has at most [MaxFileSize] bytes. Secrets are exactly 32 bytes.
package keys
