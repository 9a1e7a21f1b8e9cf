package policyprocessor

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// A datum in a label is counted once, in whatever order the attributes come.
func TestADatumInALabelIsCountedOnce(t *testing.T) {
	b := newBench(t, nil)
	in := one().counter(cacheOps, nil, 1, 1)
	attributes := in.metrics.At(0).Sum().DataPoints().At(0).Attributes()
	attributes.PutStr("cache_type", "4111111111111111")
	attributes.PutStr("x", "hit")
	b.equal(b.send(in.Metrics), map[string]float64{"one " + cacheOps + " other|other": 1, "one " + ratio + " other": 0})
	if got := b.told("scrubbed_values", "kind"); len(got) != 1 || got["card"] != 1 {
		t.Errorf("counted %v", got)
	}
}

// Many keys that hold personal data cost a walk each only up to a number of them; none of them comes out.
func TestManyKeysWithPersonalData(t *testing.T) {
	in := plog.NewLogs()
	attributes := in.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty().Attributes()
	raw := map[string]any{"plain": "kept"}
	for at := range 10 * maxRenamed {
		raw[fmt.Sprintf("%d of zoe@example.com", at)] = at
	}
	if err := attributes.FromRaw(raw); err != nil {
		t.Fatal(err)
	}
	out, _ := newTestScrubber(t, signalLogs).logs(t.Context(), in)
	left := out.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0).Attributes()
	if _, kept := left.Get("plain"); !kept || left.Len() != 1+maxRenamed {
		t.Errorf("%d are left", left.Len())
	}
}

// Points that are all refused make no room: a payload has millions of them in little space.
func TestRefusedPointsMakeNoRoom(t *testing.T) {
	b := newBench(t, nil)
	in := one().counter(logins, success, 1, 1)
	points := in.metrics.At(0).Sum().DataPoints()
	points.EnsureCapacity(200_000)
	for range 200_000 {
		points.AppendEmpty()
	}
	made := newBatch(b.policy.ByName[logins])
	made.expect(points.Len())
	if room := len(made.free); room > b.policy.ByName[logins].SeriesLimit {
		t.Errorf("room for %d", room)
	}
}

// A sender that has gone is not worked for.
func TestASenderThatHasGone(t *testing.T) {
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	b := newBench(t, nil)
	if _, err := b.process(gone, one().counter(logins, success, 1, 1).Metrics); !errors.Is(err, context.Canceled) {
		t.Errorf("metrics: %v", err)
	}
	traces, logs := ptrace.NewTraces(), plog.NewLogs()
	traces.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	logs.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
	if _, err := newTestScrubber(t, signalTraces).traces(gone, traces); !errors.Is(err, context.Canceled) {
		t.Errorf("traces: %v", err)
	}
	if _, err := newTestScrubber(t, signalLogs).logs(gone, logs); !errors.Is(err, context.Canceled) {
		t.Errorf("logs: %v", err)
	}
}
