package spill

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"hash/crc32"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"time"

	"github.com/sealjar/sealjar/bench/contender"
)

// express sends the statements of express-mysql-session 3.0.3 on behalf of express-session: one that loads the row, and
// at the end of the request one that stores it, or that moves its expiry if the session was not changed.
type express struct {
	ctx      context.Context // that can end, as a request's can: drivers watch it
	db       *sql.DB
	ids      []string
	requests []*http.Request
	session  expressSession
	n        int
	expires  int64
}

// expressSession is what express-session writes for JSON.
type expressSession struct {
	Cookie expressCookie   `json:"cookie"`
	State  contender.State `json:"state"`
}

type expressCookie struct {
	OriginalMaxAge *int64  `json:"originalMaxAge"`
	Expires        *string `json:"expires"`
	HTTPOnly       bool    `json:"httpOnly"`
	Path           string  `json:"path"`
	SameSite       string  `json:"sameSite"`
}

// The schema is that of the package.
const expressTable = "CREATE TABLE IF NOT EXISTS `sessions` (`session_id` varchar(128) COLLATE utf8mb4_bin NOT NULL, " +
	"`expires` int(11) unsigned NOT NULL, `data` mediumtext COLLATE utf8mb4_bin, PRIMARY KEY (`session_id`)) ENGINE=InnoDB"

func newExpress(ctx context.Context, db *sql.DB, p contender.Payload) (*express, error) {
	if _, err := db.ExecContext(ctx, expressTable); err != nil {
		return nil, err
	}
	e := &express{ctx: ctx, db: db, expires: time.Now().Add(24 * time.Hour).Unix()}
	e.session = expressSession{expressCookie{HTTPOnly: true, Path: "/", SameSite: "lax"}, p.State}
	for range sessions {
		var id [24]byte
		_, _ = rand.Read(id[:])
		e.ids = append(e.ids, base64.RawURLEncoding.EncodeToString(id[:]))
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Cookie", "connect.sid="+url.QueryEscape("s:"+sign(e.ids[len(e.ids)-1])))
		e.requests = append(e.requests, r)
		e.set(e.ids[len(e.ids)-1], e.text())
	}
	return e, nil
}

func (e *express) next() string {
	e.n++
	return e.ids[e.n%len(e.ids)]
}

// text is data that differs from what was there before: InnoDB does not write a column that stays the same.
func (e *express) text() string {
	e.session.State.Views++
	return encode(&e.session)
}

func encode(s *expressSession) string {
	text, err := json.Marshal(s)
	must(err)
	return string(text)
}

func (e *express) get(id string) (data string) {
	var expires int64
	must(e.db.QueryRowContext(e.ctx, "SELECT `data` AS data, `expires` as expires FROM `sessions` WHERE `session_id` = ?", id).Scan(&data, &expires))
	return data
}

// later is another second each time, as it is for a browser whose requests are seconds apart.
func (e *express) later() int64 {
	e.expires++
	return e.expires
}

func (e *express) set(id, data string) {
	_, err := e.db.ExecContext(e.ctx, "INSERT INTO `sessions` (`session_id`, `expires`, `data`) VALUES (?, ?, ?) "+
		"ON DUPLICATE KEY UPDATE `expires` = VALUES(`expires`), `data` = VALUES(`data`)", id, e.later(), data)
	must(err)
}

func (e *express) touch(id string) {
	_, err := e.db.ExecContext(e.ctx, "UPDATE `sessions` SET `expires` = ? WHERE `session_id` = ?", e.later(), id)
	must(err)
}

func (e *express) read() {
	id := e.next()
	e.get(id)
	e.touch(id)
}

func (e *express) change() {
	id := e.next()
	e.get(id)
	e.set(id, e.text())
}

func (e *express) readRequest() { e.visit(func(*expressSession) {}) }

func (e *express) changeRequest() { e.visit(func(s *expressSession) { s.State.Views++ }) }

var expressSecret = []byte("a secret of a few words, as in Node")

func sign(id string) string {
	mac := hmac.New(sha256.New, expressSecret)
	mac.Write([]byte(id))
	return id + "." + base64.RawStdEncoding.EncodeToString(mac.Sum(nil))
}

// visit is a request and its response, without a network, as that of sealjar is. express-session verifies the signature
// of the cookie, reads the JSON and hashes it, hashes it again after the handler, and sets no cookie that the browser has.
func (e *express) visit(do func(*expressSession)) {
	e.next()
	cookie, err := e.requests[e.n%len(e.ids)].Cookie("connect.sid")
	must(err)
	value, err := url.PathUnescape(cookie.Value)
	must(err)
	id, _, _ := strings.Cut(strings.TrimPrefix(value, "s:"), ".")
	if !hmac.Equal([]byte(sign(id)), []byte(value[len("s:"):])) {
		panic("the signature does not match")
	}
	var s expressSession
	must(json.Unmarshal([]byte(e.get(id)), &s))
	before := crc32.ChecksumIEEE([]byte(encode(&s)))
	do(&s)
	w := httptest.NewRecorder()
	if text := encode(&s); crc32.ChecksumIEEE([]byte(text)) == before {
		e.touch(id)
	} else {
		e.set(id, text)
	}
	_ = w.Result().Cookies()
}
