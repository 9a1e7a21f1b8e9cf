package otlpguardextension

import (
	"bytes"
	"net/http"
	"strings"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// unreadable is what a sender is told whose request the receiver cannot read.
const unreadable = "the request is not OTLP, or not what its Content-Type says"

// unwritable is what the receiver tells, as an error of its own, where it quotes a request that is no text.
var unwritable = []byte("failed to marshal error message")

// answer is a receiver's answer, with what a sender can use in the place of what must not be told: the receiver quotes a
// request that it cannot read, and what it quotes may be personal data.
type answer struct {
	http.ResponseWriter
	refusal func() error // why the guard has refused the request; nil where it was not looked at

	held     int // a status that waits for its text
	replaced bool
}

// WriteHeader writes the status. A body that is too large is told as 413: the receiver would tell 429, on which a sender
// tries again.
func (a *answer) WriteHeader(code int) {
	refused := a.refused()
	switch {
	case code == http.StatusTooManyRequests && status.Code(refused) == codes.ResourceExhausted:
		code = http.StatusRequestEntityTooLarge
	case refused != nil:
	case code == http.StatusBadRequest:
		a.replace()
		return
	case code == http.StatusInternalServerError:
		a.held = code
		return
	}
	a.ResponseWriter.WriteHeader(code)
}

// Write writes the text, unless another one stands in its place.
func (a *answer) Write(text []byte) (int, error) {
	if a.held != 0 && !a.replaced {
		if bytes.Contains(text, unwritable) {
			a.replace()
		} else {
			a.ResponseWriter.WriteHeader(a.held)
		}
		a.held = 0
	}
	if a.replaced {
		return len(text), nil
	}
	return a.ResponseWriter.Write(text)
}

// finish writes a status that has waited for a text in vain.
func (a *answer) finish() {
	if a.held != 0 {
		a.ResponseWriter.WriteHeader(a.held)
	}
}

// Unwrap returns the writer within, for http.ResponseController.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func (a *answer) refused() error {
	if a.refusal == nil {
		return nil
	}
	found := a.refusal()
	if _, told := status.FromError(found); !told {
		return nil // such as io.EOF: the body came to its end
	}
	return found
}

// replace answers in the format that the receiver has chosen (https://opentelemetry.io/docs/specs/otlp/#failures-1).
func (a *answer) replace() {
	a.replaced = true
	told := &spb.Status{Code: int32(codes.InvalidArgument), Message: unreadable}
	body, err := proto.Marshal(told)
	if strings.HasPrefix(a.Header().Get("Content-Type"), "application/json") {
		body, err = protojson.Marshal(told)
	}
	a.ResponseWriter.WriteHeader(http.StatusBadRequest)
	if err == nil {
		_, _ = a.ResponseWriter.Write(body)
	}
}
