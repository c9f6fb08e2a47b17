package keys

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"
)

// FileOptions says how a [File] works. The zero value is right for most.
type FileOptions struct {
	// Policy is what the ring is checked by: Session and Propagation count.
	Policy Policy

	// Sealer opens a key file that is sealed under a key-encryption key. Nil means that it is plain text.
	Sealer Sealer

	// Interval is how often Run looks at the file; 0 means 1 second.
	Interval time.Duration

	// OpenOnly waives the rule that one key must be able to seal now, for a node that opens tokens and never makes them.
	OpenOnly bool

	// InsecureFileMode accepts a key file that others than its owner can read or write. Kubernetes mounts a secret in
	// this way for a process that does not run as root.
	InsecureFileMode bool

	// VersionFile, if not empty, is where the version of the ring in use is kept, so that an older one is refused also after a
	// restart: by OpenFile, with an error that matches [ErrRollback]. The process must be able to write there. Delete the file to
	// accept any version. Processes on one machine may share it.
	VersionFile string

	Watch
}

// File is a [Source] that follows a key file, so that keys change without a restart. A file that can't be accepted is told of,
// and the ring in use stays. It is safe for concurrent use. See [OpenFile].
type File struct {
	*follower
	path    string
	options FileOptions
	hash    [sha256.Size]byte // of the text of the ring in use
	opener  opener
}

// OpenFile reads and checks the key file at path; see [Parse] for its form. It starts nothing: call [File.Run] to
// follow the file, or [File.Reload], for example when a signal arrives.
//
// The file is refused if others than its owner may read or write it, unless InsecureFileMode waives that. (On Windows the mode
// says nothing, and is not looked at.)
func OpenFile(path string, options FileOptions) (*File, error) {
	if options.Interval == 0 {
		options.Interval = time.Second
	}
	if options.Interval < 0 {
		return nil, fmt.Errorf("keys: FileOptions.Interval is %v: want more than 0", options.Interval)
	}
	policy, err := options.Policy.complete()
	if err != nil {
		return nil, err
	}
	f := &File{
		follower: newFollower(path, options.Watch, policy), path: path, options: options,
		opener: opener{sealer: options.Sealer},
	}
	if err := f.remember(options.VersionFile); err != nil {
		return nil, err
	}
	if err := f.look(context.Background(), false, true); err != nil {
		return nil, err
	}
	if err := f.keep(false); err != nil {
		return nil, err
	}
	return f, nil
}

// Run looks at the file about every second until ctx ends, and returns the error of ctx. It reads the whole file, which is small,
// and compares what it holds, so a file that was renamed into place, a symbolic link that points elsewhere, and a change that
// leaves size and time as they were are all seen; a file that is half written is refused, and read again.
func (f *File) Run(ctx context.Context) error {
	return f.run(ctx, f.options.Interval, func() { _ = f.look(ctx, false, false) })
}

// Reload looks at the file now. The error says why it was not accepted; the ring in use stays then.
func (f *File) Reload() error { return f.look(context.Background(), false, true) }

// AcceptRollback looks at the file now and accepts it although its version is not higher than that of the ring in use.
// It is for an operator who has restored a backup and knows which keys come back with it. Other nodes must be told as
// well; to write the old keys under a new version ([Ring.WithVersion]) reaches all of them.
func (f *File) AcceptRollback() error { return f.look(context.Background(), true, true) }

// look tries again, if asked to, to open what could not be opened; a poll does so only now and then.
func (f *File) look(ctx context.Context, rollback, again bool) error {
	f.looking.Lock()
	defer f.looking.Unlock()
	data, err := f.read()
	if err != nil {
		f.fail(err)
		return err
	}
	hash := sha256.Sum256(data)
	if have := f.Ring(); have != nil && hash == f.hash {
		return f.take(have, false)
	}
	now := f.watch.Now()
	ring, err := f.opener.open(ctx, data, hash, now, again)
	if err == nil && !f.options.OpenOnly && ring.Sealing(now) == nil {
		err = ring.noSealingKey(now)
	}
	if err != nil {
		err = fmt.Errorf("%w (file %s)", err, f.path)
		f.fail(err)
		return err
	}
	if err := f.take(ring, rollback); err != nil {
		return err
	}
	f.hash = hash
	return nil
}

func (f *File) read() ([]byte, error) {
	file, err := os.Open(f.path)
	if err != nil && f.Ring() == nil {
		err = howToMake(err, f.path)
	}
	if err != nil {
		return nil, fmt.Errorf("keys: key file: %w", err)
	}
	defer file.Close()
	// Of the open file, so that it is the one which is read.
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("keys: key file: %w", err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 && !f.options.InsecureFileMode && runtime.GOOS != "windows" {
		return nil, fmt.Errorf("keys: key file %s: others than its owner may use it (mode %04o): want 0600, or set FileOptions.InsecureFileMode",
			f.path, mode)
	}
	data, err := io.ReadAll(io.LimitReader(file, MaxFileSize+1))
	if err != nil {
		return nil, fmt.Errorf("keys: key file: %w", err)
	}
	if len(data) == 0 {
		return nil, errors.New("keys: key file: is empty (file " + f.path + ")")
	}
	return data, nil
}
