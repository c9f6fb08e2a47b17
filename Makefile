# make test     everything that must pass, on a machine that has Go; installs what else it needs
# make lint     formatting, vet, linters, import rules, tidy modules, links and commands in pages
# make bench    sealjar beside its peers, as ratios, in five minutes; make bench-short in two
# make fuzz     every fuzz test for FUZZTIME, a count or a time
# make conformance  what everybody passes, written into docs/conformance.md
# make soak     the demo kept busy with good and hostile cookies for SOAK; fails unless it stays as it was
# make demo     the demo, in a browser

SHELL    := bash
FUZZTIME ?= 3000x
SOAK     ?= 10m

GOLANGCI := go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
GOFUMPT  := go run mvdan.cc/gofumpt@v0.12.0
MODULES  := $(shell go list -m -f '{{.Dir}}')

.PHONY: test needs race fips fuzz lint tidy bench bench-short conformance soak demo

test: needs race fips fuzz

needs:
	@scripts/needs

race:
	go vet work
	go test -race -timeout 30m work

# A build that may use nothing but FIPS 140 algorithms and modes must be able to seal and open.
fips:
	GODEBUG=fips140=only go test -count=1 . ./token ./keys

fuzz:
	@scripts/fuzz $(FUZZTIME)

lint: tidy
	test -z "$$($(GOFUMPT) -l . | tee /dev/stderr)"
	go vet work
	GOARCH=386 CGO_ENABLED=0 go vet ./... ./revocation/{redisstore,natsstore,sqlstore} ./keys/sqlstore ./spill/{redisstore,sqlstore}
	for m in $(MODULES); do (cd $$m && $(GOLANGCI) run ./...) || exit 1; done
	go test -count=1 -run 'Links|Figures|CommandsInPages|NamedTests|DocumentedCode' ./examples ./cmd/sealjar

tidy:
	for m in $(MODULES); do (cd $$m && go mod tidy -diff) || exit 1; done

bench:
	cd bench && go run .

bench-short:
	cd bench && go run . -short

conformance:
	cd internal/conformance/targets && go run ./write

soak:
	cd bench && go run ./soak/run -for $(SOAK)

demo:
	go run ./examples/demo
