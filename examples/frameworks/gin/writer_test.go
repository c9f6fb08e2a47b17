package main

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/examples/frameworks/internal/visitor"
	"github.com/sealjar/sealjar/sealjartest"
	"github.com/sealjar/sealjar/stdmw"
)

// TestTheCookieIsOnEveryKindOfResponse that gin's own writer makes.
func TestTheCookieIsOnEveryKindOfResponse(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer gin.HandlerFunc
		status int
		body   string
	}{
		{"JSON", func(c *gin.Context) { c.JSON(http.StatusCreated, "hello") }, 201, `"hello"`},
		{"String", func(c *gin.Context) { c.String(http.StatusOK, "hello") }, 200, "hello"},
		{"Redirect", func(c *gin.Context) { c.Redirect(http.StatusSeeOther, "/there") }, 303, "/there"},
		{"Status alone", func(c *gin.Context) { c.Status(http.StatusNoContent) }, 204, ""},
		{"nothing at all", func(*gin.Context) {}, 200, ""},
		{"AbortWithStatus", func(c *gin.Context) { c.AbortWithStatus(http.StatusConflict) }, 409, ""},
		{"AbortWithStatusJSON", func(c *gin.Context) { c.AbortWithStatusJSON(http.StatusConflict, "oops") }, 409, `"oops"`},
		{"AbortWithError", func(c *gin.Context) { _ = c.AbortWithError(http.StatusConflict, errors.New("oops")) }, 409, ""},
		{"a panic under Recovery", func(*gin.Context) { panic("oops") }, 500, ""},
		{"File", func(c *gin.Context) { c.File("testdata/hello.txt") }, 200, "hello\n"},
		{"DataFromReader", func(c *gin.Context) {
			c.DataFromReader(http.StatusOK, 5, "text/plain", strings.NewReader("hello"), nil)
		}, 200, "hello"},
		{"WriteHeaderNow, and then a body", func(c *gin.Context) {
			c.Status(http.StatusAccepted)
			c.Writer.WriteHeaderNow()
			_, _ = io.WriteString(c.Writer, "hello")
		}, 202, "hello"},
		{"Flush first", func(c *gin.Context) {
			c.Status(http.StatusAccepted)
			c.Writer.Flush()
			_, _ = io.WriteString(c.Writer, "hello")
		}, 202, "hello"},
		{"Stream", func(c *gin.Context) {
			n := 0
			c.Stream(func(w io.Writer) bool {
				n++
				_, _ = io.WriteString(w, "hello ")
				return n < 3
			})
		}, 200, "hello hello hello "},
		{"server-sent events", func(c *gin.Context) {
			c.SSEvent("greeting", "hello")
			c.Writer.Flush()
		}, 200, "event:greeting\ndata:hello\n\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			jar := newJar(t)
			v := visitor.New(t, around(jar, c.answer))
			status, body, cookies := v.Do(t, "GET /")
			require.Equal(t, c.status, status)
			require.Equal(t, c.body, body)
			require.Equal(t, 1, cookies)
		})
	}
}

// TestATooLargeSessionIsOneCleanError : gin goes on writing, and none of it gets out.
func TestATooLargeSessionIsOneCleanError(t *testing.T) {
	type data struct{ Text string }
	jar, err := sealjar.New[data](sealjar.Options{Keys: sealjartest.Ring(t)})
	require.NoError(t, err)
	r := gin.New()
	r.GET("/", func(c *gin.Context) {
		jar.From(c.Request.Context()).Data.Text = strings.Repeat("x", 5000)
		c.JSON(http.StatusOK, "the handler's")
	})
	status, body, cookies := visitor.New(t, stdmw.New(jar, stdmw.Options{})(r)).Do(t, "GET /")
	require.Equal(t, http.StatusInternalServerError, status)
	require.Equal(t, "Internal Server Error\n", body)
	require.Zero(t, cookies)
}

// around has a change of the session before the answer.
func around(jar *sealjar.Jar[State], answer gin.HandlerFunc) http.Handler {
	r := gin.New()
	r.Use(gin.CustomRecoveryWithWriter(io.Discard, func(c *gin.Context, _ any) { c.AbortWithStatus(http.StatusInternalServerError) }))
	r.GET("/", func(c *gin.Context) {
		jar.From(c.Request.Context()).Data.Views++
		answer(c)
	})
	return stdmw.New(jar, stdmw.Options{})(r)
}
