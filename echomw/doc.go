// Package echomw puts sealjar sessions under Echo v4 handlers.
//
// # Use
//
//	e.Use(echomw.New(jar))
//
// A handler gets its session with jar.From(c.Request().Context()), also behind echo.WrapHandler. An error that a handler
// returns reaches Echo's HTTPErrorHandler as ever, and what that does to the session goes into its response. An error
// handler that answers nothing at all leaves the response to net/http, and the session out of it.
//
// # WebSockets
//
// A WebSocket's upgrade is the last moment for a change. The cookie is put into w.Header() then, with w := c.Response(), and
// whoever writes the 101 must write those fields: github.com/coder/websocket does, and github.com/gorilla/websocket if it is
// told to, with upgrader.Upgrade(w, c.Request(), w.Header()). A handler that calls Hijack and writes its own 101 writes
// w.Header() into it.
//
// # Order
//
// Use it before (outside of) Echo's Gzip, which takes away all writers inside of it when a handler has returned an error, so
// that Echo's error handler would answer without the session.
package echomw
