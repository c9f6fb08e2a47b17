package keys

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// versionFile remembers the version of the ring in use for the next process, which would otherwise accept an older one. An empty
// path remembers nothing.
type versionFile string

func (f versionFile) read() (int64, error) {
	if f == "" {
		return 0, nil
	}
	file, err := os.Open(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("keys: VersionFile: %w", err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, 100))
	if err != nil {
		return 0, fmt.Errorf("keys: VersionFile: %w", err)
	}
	text := strings.TrimSuffix(string(data), "\n")
	version, err := strconv.ParseInt(text, 10, 64)
	if err != nil || version < 0 || version > MaxVersion || strconv.FormatInt(version, 10) != text {
		return 0, fmt.Errorf("keys: VersionFile %s does not hold a version: delete it to accept any", string(f))
	}
	return version, nil
}

// write keeps the version, unless another process has kept a higher one. With rollback it lowers it.
func (f versionFile) write(version int64, rollback bool) error {
	if f == "" {
		return nil
	}
	have, err := f.read()
	if err != nil && !rollback {
		return err
	}
	if err == nil && (have == version || have > version && !rollback) {
		return nil
	}
	if err := replaceFile(string(f), []byte(strconv.FormatInt(version, 10)+"\n")); err != nil {
		return fmt.Errorf("keys: VersionFile: %w", err)
	}
	return nil
}
