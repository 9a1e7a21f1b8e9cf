package otlpguardextension

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"sync"
	"time"

	"go.opentelemetry.io/collector/extension/extensionmiddleware"
	"techsapo.example/collector/otlpguardextension/internal/cost"
)

// Where the OTLP receiver takes each signal: its defaults.
var paths = map[string]cost.Signal{"/v1/metrics": cost.Metrics, "/v1/traces": cost.Traces, "/v1/logs": cost.Logs}

// heads are buffers for the start of bodies whose length is not known.
var heads = sync.Pool{New: func() any { return new([smallBody + 1]byte) }}

// GetHTTPHandler returns what guards a receiver: it runs behind the authentication and the decompression.
func (g *guard) GetHTTPHandler(context.Context) (extensionmiddleware.WrapHTTPHandlerFunc, error) {
	return func(_ context.Context, next http.Handler) (http.Handler, error) {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { g.serve(w, r, next) }), nil
	}, nil
}

func (g *guard) serve(to http.ResponseWriter, r *http.Request, next http.Handler) {
	w := &answer{ResponseWriter: to}
	defer w.finish()
	newMeter := g.meters(r)
	if newMeter == nil {
		// Whatever else is served here, it gets no more than what need not be looked at.
		r.Body = http.MaxBytesReader(w, r.Body, smallBody)
		next.ServeHTTP(w, r)
		return
	}
	head := heads.Get().(*[smallBody + 1]byte)
	defer heads.Put(head)
	held, err := fill(head[:], r.Body)
	start := bytes.NewReader(head[:held])
	if err != nil {
		r.Body = joined{io.MultiReader(start, failing{err}), r.Body}
		g.serveSmall(w, r, next)
		return
	}
	large := &body{guard: g, from: io.MultiReader(start, r.Body), Closer: r.Body, meter: newMeter(), ctx: r.Context()}
	large.control = http.NewResponseController(w)
	defer large.release()
	large.admit()
	r.Body = large
	w.refusal = func() error { return large.ended }
	next.ServeHTTP(w, r)
}

// fill reads until there is no more room; the error tells why there is some left, as the body told it: io.ReadFull would
// not tell one that broke off from one that came to its end.
func fill(room []byte, from io.Reader) (int, error) {
	held := 0
	for held < len(room) {
		read, err := from.Read(room[held:])
		if held += read; err != nil && held < len(room) {
			return held, err
		}
	}
	return held, nil
}

// serveSmall serves a body that has come whole, as soon as there is room for what it may become.
func (g *guard) serveSmall(w *answer, r *http.Request, next http.Handler) {
	if err := g.acquire(r.Context(), g.small, 1); err != nil {
		r.Body = joined{failing{err}, r.Body}
		w.refusal = func() error { return err }
	} else {
		defer g.small.Release(1)
	}
	next.ServeHTTP(w, r)
}

// meters returns what makes a meter for a request's body; nil where it is none that the receiver takes.
func (g *guard) meters(r *http.Request) func() cost.Meter {
	signal, known := paths[r.URL.Path]
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case !known || err != nil:
		return nil
	case kind == "application/x-protobuf":
		return func() cost.Meter { return cost.NewProtobuf(signal, g.limit) }
	case kind == "application/json":
		return func() cost.Meter { return cost.NewJSON(g.limit) }
	}
	return nil
}

// body is a large body: it is counted while the receiver reads it, and its end is told when there is room to decode it.
type body struct {
	io.Closer
	guard    *guard
	ctx      context.Context
	from     io.Reader
	control  *http.ResponseController
	meter    cost.Meter
	admitted bool
	decoded  int64
	ended    error // what is told after the last of it
}

// admit waits until fewer large bodies are being received.
func (b *body) admit() {
	b.deadline(time.Now().Add(b.guard.wait + b.guard.read))
	if err := b.guard.acquire(b.ctx, b.guard.bodies, 1); err != nil {
		b.end(err)
		return
	}
	b.admitted = true
	b.deadline(time.Now().Add(b.guard.read))
}

// Read reads on, as far as the body may be read.
func (b *body) Read(piece []byte) (int, error) {
	if b.ended != nil {
		return 0, b.ended
	}
	read, err := b.from.Read(piece)
	if wrong := b.meter.Add(piece[:read]); wrong != nil {
		return 0, b.end(b.guard.refuse(b.ctx, reasonOf(wrong)))
	}
	switch {
	case err == nil:
		return read, nil
	case errors.Is(err, os.ErrDeadlineExceeded):
		return 0, b.end(b.guard.refuse(b.ctx, reasonSlow))
	case !errors.Is(err, io.EOF):
		return 0, b.end(err)
	}
	b.deadline(time.Time{})
	if err := b.guard.acquire(b.ctx, b.guard.decoded, b.meter.Bytes()); err != nil {
		return 0, b.end(err)
	}
	b.decoded, b.ended = b.meter.Bytes(), io.EOF
	return read, b.ended
}

// end reads the rest away, so that the sender reads the answer rather than a closed connection, on which it would try
// again.
func (b *body) end(err error) error {
	if _, left := io.Copy(io.Discard, b.from); left == nil {
		b.deadline(time.Time{}) // else it stays passed: the server would wait for the rest for ever
	}
	b.ended = err
	return err
}

// deadline is until when the rest of the body must have come; none where the server cannot keep one.
func (b *body) deadline(until time.Time) { _ = b.control.SetReadDeadline(until) }

// release gives back what the body has taken.
func (b *body) release() {
	if b.admitted {
		b.guard.bodies.Release(1)
	}
	b.guard.decoded.Release(b.decoded)
}

type joined struct {
	io.Reader
	io.Closer
}

// failing is the end of a body: io.EOF, or what went wrong.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
