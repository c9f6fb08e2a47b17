package cli

import (
	"fmt"
	"strings"
	"unicode"
)

// printable is text from outside for a terminal: what could move its cursor, or turn the direction of its text, is escaped as
// JSON does it.
func printable(text string) string {
	var b strings.Builder
	for _, c := range text {
		switch {
		case c == '\n' || unicode.IsPrint(c):
			b.WriteRune(c)
		case c > 0xffff:
			high, low := (c-0x10000)>>10+0xd800, (c-0x10000)&0x3ff+0xdc00
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, c)
		}
	}
	return b.String()
}

// oneLine is printable text of one line: a name or a reason must not look like another row of a table.
func oneLine(text string) string { return strings.ReplaceAll(printable(text), "\n", `\u000a`) }
