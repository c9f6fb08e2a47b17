package main

import (
	"embed"
	"net/http"
)

// assets is the whole page. Nothing is fetched from elsewhere, and nothing is built.
//
//go:embed assets
var assets embed.FS

// assetHandler has browsers ask each time: another version of the demo may be on this port.
func assetHandler() http.Handler {
	files := http.FileServerFS(assets)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-cache")
		files.ServeHTTP(w, r)
	})
}
