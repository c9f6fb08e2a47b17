package sealjar

import "errors"

// errReadOnly is what a jar answers that only reads.
var errReadOnly = errors.New("sealjar: the jar only reads: see Options.ReadOnly")
