// Command write runs the suite against everything, puts who passes what on record, and makes docs/conformance.md of it.
package main

import (
	"log"
	"os"

	"github.com/sealjar/sealjar/internal/conformance"
	"github.com/sealjar/sealjar/internal/conformance/targets"
)

func main() {
	log.SetFlags(0)
	for _, f := range targets.Forms() {
		target, stop, err := f.Start()
		if err != nil {
			log.Fatal(err)
		}
		results := conformance.Examine(target)
		stop()
		if err := f.WriteRecord(results); err != nil {
			log.Fatal(err)
		}
	}
	text, err := targets.Page()
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(targets.PageFile(), []byte(text), 0o644); err != nil {
		log.Fatal(err)
	}
}
