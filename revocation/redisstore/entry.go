package redisstore

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/sealjar/sealjar/revocation"
)

// packed is the only field of an entry in the stream. Its value is the entry's number, kind, cutoff and end (Unix
// milliseconds), the bytes of its name, each followed by a space, and then the name and the reason:
//
//	17 session 1764000000000 1764043200000 22 dGhpcyBpcyBhIHNlc3Npb24
//
// One field in place of six makes a big read fast: server and client handle 3 strings an entry in place of 13.
const packed = "e"

// maxPacked is the most bytes of a packed entry: four numbers, the longest kind, a name, a reason, and what is between them.
const maxPacked = 4*20 + 7 + revocation.MaxName + revocation.MaxReason + 5

// parseEntry reads the fields of an entry in the stream, names and values in turn, and the number that it has there.
func parseEntry(fields []any) (e revocation.Entry, n int64, err error) {
	if len(fields) == 2 && fields[0] == packed {
		value, ok := fields[1].(string)
		if !ok {
			return e, 0, errStrange
		}
		if e, n, err = parsePacked(value); err != nil {
			return e, 0, err
		}
	} else if e, n, err = parseFields(fields); err != nil {
		return e, 0, err
	}
	if err := e.Check(); err != nil {
		return e, 0, fmt.Errorf("redisstore: an entry in the store: %w", err)
	}
	return e, n, nil
}

func parsePacked(value string) (e revocation.Entry, n int64, err error) {
	if len(value) > maxPacked {
		return e, 0, errStrange
	}
	number, rest, _ := strings.Cut(value, " ")
	kind, rest, _ := strings.Cut(rest, " ")
	cutoff, rest, _ := strings.Cut(rest, " ")
	until, rest, _ := strings.Cut(rest, " ")
	size, rest, found := strings.Cut(rest, " ")
	n, err1 := strconv.ParseInt(number, 10, 64)
	from, err2 := strconv.ParseInt(cutoff, 10, 64)
	to, err3 := strconv.ParseInt(until, 10, 64)
	name, err4 := strconv.Atoi(size)
	if !found || err1 != nil || err2 != nil || err3 != nil || err4 != nil || name < 0 || name > len(rest) {
		return e, 0, errStrange
	}
	return revocation.Entry{
		Kind: revocation.Kind(kind), Name: rest[:name], Reason: rest[name:],
		Cutoff: time.UnixMilli(from), Until: time.UnixMilli(to),
	}, n, nil
}

// parseFields reads an entry that has a field for each of its parts, which is how they were in the stream once, and how
// they are in the keys by name.
func parseFields(fields []any) (e revocation.Entry, n int64, err error) {
	for i := 0; i+1 < len(fields); i += 2 {
		value, ok := fields[i+1].(string)
		if !ok {
			return e, 0, errStrange
		}
		var number int64
		switch fields[i] {
		case "kind":
			e.Kind = revocation.Kind(value)
			continue
		case "name":
			e.Name = value
			continue
		case "reason":
			e.Reason = value
			continue
		}
		if number, err = strconv.ParseInt(value, 10, 64); err != nil {
			return e, 0, errStrange
		}
		switch fields[i] {
		case "n":
			n = number
		case "cutoff":
			e.Cutoff = time.UnixMilli(number)
		case "until":
			e.Until = time.UnixMilli(number)
		}
	}
	return e, n, nil
}
