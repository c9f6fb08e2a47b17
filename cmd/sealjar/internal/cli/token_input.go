package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxInput is how many bytes of standard input are read: more than any request with cookies has.
const maxInput = 1 << 20

// cookie is a token, and the name of the cookie that held it, empty if it was given alone.
type cookie struct{ name, token string }

// readInput is the text of the argument, or of standard input if there is none or it is a hyphen.
func (a *app) readInput(args []string) (string, error) {
	if len(args) > 0 && args[0] != "-" {
		fmt.Fprintln(a.Err, "warning: the token is now in the history of your shell and in the list of processes, and whoever has it is signed in: "+
			"pipe it into this command instead")
		return args[0], nil
	}
	text, err := io.ReadAll(io.LimitReader(a.In, maxInput+1))
	if len(text) > maxInput {
		return "", fmt.Errorf("there are more than %d bytes of input: give the cookie alone", maxInput)
	}
	return string(text), err
}

// findCookie looks for the token in what people copy: a token, name=value, a Cookie line with several of them, a Set-Cookie
// line with attributes, a whole header, or a cookie file of curl. If name is empty it is the first value that has
// the form of a token.
func findCookie(text, name string) (cookie, error) {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if columns := strings.Split(line, "\t"); len(columns) == 7 {
			line = netscape(columns)
		}
		if header, value, found := strings.Cut(line, ":"); found {
			switch strings.ToLower(strings.TrimSpace(header)) {
			case "cookie", "set-cookie":
				line = value
			default:
				continue
			}
		}
		for part := range strings.SplitSeq(line, ";") {
			have, value, found := strings.Cut(strings.TrimSpace(part), "=")
			if !found {
				have, value = "", have
			}
			value = strings.Trim(value, `"`)
			if looksLikeToken(value) && (name == "" || have == "" || have == name) {
				return cookie{have, value}, nil
			}
		}
	}
	if name != "" {
		return cookie{}, fmt.Errorf("there is no token under the name %s in what was given", name)
	}
	return cookie{}, errors.New("there is no token in what was given: want five parts with dots between them, as in name=eyJ…, a Cookie line, or the cookie file of curl")
}

// netscape is name=value of a line of a cookie file: domain, subdomains, path, secure, expiry, name and value. What begins
// with # is a comment, unless it goes on with HttpOnly_.
func netscape(columns []string) string {
	if strings.HasPrefix(columns[0], "#") && !strings.HasPrefix(columns[0], "#HttpOnly_") {
		return ""
	}
	return columns[5] + "=" + columns[6]
}

// looksLikeToken is the frame of a JWE in compact form (RFC 7516, section 7.1).
func looksLikeToken(text string) bool {
	return strings.Count(text, ".") == 4 && strings.HasPrefix(text, "eyJ")
}
