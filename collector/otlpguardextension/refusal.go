package otlpguardextension

import (
	"errors"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"techsapo.example/collector/otlpguardextension/internal/cost"
)

// Why a request is refused.
type reason string

const (
	reasonLarge     reason = "too_large" // decoded it would take more than decoded_limit_mib
	reasonDeep      reason = "too_deep"  // its messages are nested too deep
	reasonMalformed reason = "malformed" // it is not OTLP
	reasonBusy      reason = "busy"      // others were not done within max_wait
	reasonSlow      reason = "slow"      // it did not come within read_timeout
)

// How long a sender that is told to try again should leave before it does.
const retryAfter = 5 * time.Second

// answers are what a sender is told (https://opentelemetry.io/docs/specs/otlp/#failures): to try again where that helps.
var answers = map[reason]struct {
	code    codes.Code
	message string
	again   bool
}{
	reasonLarge:     {codes.ResourceExhausted, "the request would take too much memory: send it in smaller ones", false},
	reasonDeep:      {codes.InvalidArgument, "the request is nested too deep", false},
	reasonMalformed: {codes.InvalidArgument, "the request is not OTLP", false},
	reasonBusy:      {codes.Unavailable, "other large requests are in work: try again", true},
	reasonSlow:      {codes.Unavailable, "the request came too slowly: try again", true},
}

// err returns the refusal as gRPC, and the receiver in its answers over HTTP, tell it.
func (r reason) err() error {
	told := answers[r]
	found := status.New(told.code, told.message)
	if told.again {
		if with, err := found.WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(retryAfter)}); err == nil {
			found = with
		}
	}
	return found.Err()
}

// reasonOf returns why a meter refuses a body.
func reasonOf(err error) reason {
	switch {
	case errors.Is(err, cost.ErrTooLarge):
		return reasonLarge
	case errors.Is(err, cost.ErrTooDeep):
		return reasonDeep
	default:
		return reasonMalformed
	}
}
