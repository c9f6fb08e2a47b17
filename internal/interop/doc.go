// Package interop holds the tests that sealjar's tokens pass between Go and Node.js, both ways.
//
// The folder node has a reader that is written to docs/format.md alone (token.mjs and json.mjs), the example of that page
// (example.mjs), which uses jose from npm, and the program that puts both at the disposal of these tests (serve.mjs).
package interop
