package otlpguardextension

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension"
	"go.opentelemetry.io/collector/extension/extensionmiddleware"
	"golang.org/x/sync/semaphore"
)

// smallBody is what passes without being looked at: decoded it takes 5 MiB at most, 75 times as much.
const smallBody = 64 << 10

// smallBodies is how many small bodies are decoded and processed at a time: 80 MiB at most.
const smallBodies = 16

// guard holds what is being received and decoded to its bounds.
type guard struct {
	component.StartFunc
	component.ShutdownFunc

	figures *figures
	limit   int64 // of the decoded bodies together, in bytes
	wait    time.Duration
	read    time.Duration
	decoded *semaphore.Weighted // bytes
	small   *semaphore.Weighted // bodies
	// Of their own each, so that neither protocol's senders can keep the other's out.
	bodies *semaphore.Weighted
	calls  *semaphore.Weighted
}

var (
	_ extension.Extension            = (*guard)(nil)
	_ extensionmiddleware.HTTPServer = (*guard)(nil)
	_ extensionmiddleware.GRPCServer = (*guard)(nil)
)

func newGuard(config *Config, figures *figures) *guard {
	limit := config.DecodedLimitMiB << 20
	return &guard{
		figures: figures, limit: limit, wait: config.MaxWait, read: config.ReadTimeout,
		decoded: semaphore.NewWeighted(limit),
		small:   semaphore.NewWeighted(smallBodies),
		bodies:  semaphore.NewWeighted(config.MaxConcurrent),
		calls:   semaphore.NewWeighted(config.MaxConcurrent),
	}
}

// errGone is told where nobody waits for an answer any more.
var errGone = errors.New("the sender has gone")

// acquire takes so much of what is shared, as soon as others have given it back.
func (g *guard) acquire(ctx context.Context, shared *semaphore.Weighted, amount int64) error {
	if shared.TryAcquire(amount) {
		return nil
	}
	limited, cancel := context.WithTimeout(ctx, g.wait)
	defer cancel()
	if shared.Acquire(limited, amount) == nil {
		return nil
	}
	if ctx.Err() != nil {
		return errGone
	}
	return g.refuse(ctx, reasonBusy)
}

// refuse counts a refusal, and returns it.
func (g *guard) refuse(ctx context.Context, why reason) error {
	g.figures.tell(ctx, why)
	return why.err()
}
