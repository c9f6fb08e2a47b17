package soak

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
)

const name = "__Host-session"

// cookies are names and values.
type cookies map[string]string

// with is the cookies after a response.
func (c cookies) with(set []*http.Cookie) cookies {
	if len(set) == 0 {
		return c
	}
	after := maps.Clone(c)
	if after == nil {
		after = cookies{}
	}
	for _, s := range set {
		after[s.Name] = s.Value
		if s.MaxAge < 0 {
			delete(after, s.Name)
		}
	}
	return after
}

// pairs is the header of a request. A name that ends with spaces, for [many], stands for the name without.
func (c cookies) pairs() string {
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(c)) {
		if b.Len() > 0 {
			b.WriteString("; ")
		}
		b.WriteString(strings.TrimRight(key, " "))
		b.WriteByte('=')
		b.WriteString(c[key])
	}
	return b.String()
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// tampered changes one character somewhere.
func (c cookies) tampered(random *rand.Rand) cookies {
	if len(c) == 0 {
		return nil
	}
	bad := maps.Clone(c)
	keys := slices.Sorted(maps.Keys(c))
	key := keys[random.IntN(len(keys))]
	value := []byte(c[key])
	at := random.IntN(len(value))
	for before := value[at]; value[at] == before; {
		value[at] = alphabet[random.IntN(len(alphabet))]
	}
	bad[key] = string(value)
	return bad
}

// mixed puts a piece of an older state among those of now.
func (c cookies) mixed(older cookies) cookies {
	const piece = name + "_1"
	if c[piece] == "" || older[piece] == "" || c[piece] == older[piece] {
		return nil
	}
	bad := maps.Clone(c)
	bad[piece] = older[piece]
	return bad
}

func text(random *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[random.IntN(len(alphabet))]
	}
	return string(b)
}

// madeUp claims to be in several pieces, some of which fit.
func madeUp(random *rand.Rand) cookies {
	const room = 4096 - len(name) - 2
	bad := cookies{name: fmt.Sprintf("%d~%s", random.IntN(10), text(random, room))}
	for i := range random.IntN(4) {
		bad[fmt.Sprintf("%s_%d", name, i+1)] = text(random, room-random.IntN(2))
	}
	return bad
}

// garbage was never a token, though some looks like one.
func garbage(random *rand.Rand) cookies {
	part := func(n int) string { return text(random, random.IntN(n)) }
	value := ""
	switch random.IntN(6) {
	case 0:
		value = part(1000)
	case 1:
		value = part(100) + ".." + part(20) + "." + part(800) + "." + part(30)
	case 2:
		value = strings.Repeat(".", random.IntN(2000))
	case 3:
		value = `{"sub":"admin"}`
	case 4:
		b := make([]byte, random.IntN(500))
		for i := range b {
			b[i] = byte(0x80 + random.IntN(0x80)) // what a header may hold, and a cookie may not
		}
		value = string(b)
	}
	return cookies{name: value, "other": part(50)}
}

// many has the name many times.
func many(random *rand.Rand) cookies {
	bad := cookies{}
	for i := range 2 + random.IntN(100) {
		bad[name+strings.Repeat(" ", i)] = text(random, 100)
	}
	return bad
}

// oversized is longer than any browser would keep, and shorter than what net/http refuses.
func oversized(random *rand.Rand) cookies {
	return cookies{name: text(random, 20_000+random.IntN(180_000))}
}
