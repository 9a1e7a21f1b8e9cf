// Package cost tells what an OTLP request would take from the heap, before it is decoded.
package cost

import "errors"

// Signal is what a request carries.
type Signal uint8

// The signals of OTLP.
const (
	Metrics Signal = iota
	Traces
	Logs
)

var requests = [...]kind{Metrics: metricsRequest, Traces: tracesRequest, Logs: logsRequest}

// MaxDepth is how deep messages, or the brackets of JSON, may be nested: the decoder goes as deep on its stack, which may
// not grow without bound. A value of 60 lists in lists is not that deep, and the policy empties what is below 32.
const MaxDepth = 256

// A body's bytes are held once whole, and a second time in the strings that are copied from them.
const perByte = 2

// Why a request is refused.
var (
	ErrTooLarge  = errors.New("it would take more memory than a request may")
	ErrTooDeep   = errors.New("it is nested too deep")
	ErrMalformed = errors.New("it is not OTLP")
)

// Meter counts what a body costs, piece by piece as it comes.
type Meter interface {
	// Add counts the next piece.
	Add(piece []byte) error
	// Bytes returns what has been read takes.
	Bytes() int64
}
