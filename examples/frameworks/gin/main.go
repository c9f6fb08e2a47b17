// Sessions under gin: the middleware for net/http goes around it. Run it with a secret of your own:
//
//	SEALJAR_SECRET=$(openssl rand -hex 32) go run ./examples/frameworks/gin
package main

import (
	"log"
	"net/http"
	"os"

	"github.com/gin-gonic/gin"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/stdmw"
)

type State struct{ Views int }

func main() {
	ring, err := keys.FromSecrets(os.Getenv("SEALJAR_SECRET"))
	if err != nil {
		log.Fatal(err)
	}
	jar, err := sealjar.New[State](sealjar.Options{Keys: ring})
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServe("localhost:8080", site(jar)))
}

// site puts the middleware around all of gin, whose own writer then writes through ours.
func site(jar *sealjar.Jar[State]) http.Handler {
	r := gin.New()
	r.GET("/", func(c *gin.Context) {
		session := jar.From(c.Request.Context()) // not From(c): a gin.Context knows nothing of its request's values
		session.Data.Views++
		c.String(http.StatusOK, "Views %d\n", session.Data.Views)
	})
	r.POST("/signin", func(c *gin.Context) {
		if err := jar.From(c.Request.Context()).SignIn(c.Request.Context(), "alice"); err != nil { // after a look at the password
			c.AbortWithStatus(http.StatusServiceUnavailable)
			return
		}
		c.Redirect(http.StatusSeeOther, "/account")
	})
	r.GET("/account", within(stdmw.Gate(jar, stdmw.GateOptions{})), func(c *gin.Context) {
		c.String(http.StatusOK, "Account of %s\n", jar.From(c.Request.Context()).Subject())
	})
	return stdmw.New(jar, stdmw.Options{})(r)
}

// within makes gin's middleware of one for net/http that writes all of a response or none.
func within(mw func(http.Handler) http.Handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		passed := false
		mw(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { passed = true })).ServeHTTP(c.Writer, c.Request)
		if !passed {
			c.Abort()
		}
	}
}
