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

// A sender that has gone is not worked for for long, and a payload of ordinary size is taken all the same.
func TestASenderThatHasGone(t *testing.T) {
	left, cancel := context.WithCancel(t.Context())
	cancel()
	for records, want := range map[int]error{often - 1: nil, often: context.Canceled} {
		in, traces, logs := one(), ptrace.NewTraces(), plog.NewLogs()
		spans := traces.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans()
		bodies := logs.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords()
		for range records {
			in.counter(logins, success, 1, 1)
			spans.AppendEmpty()
			bodies.AppendEmpty()
		}
		if _, err := newBench(t, nil).process(left, in.Metrics); !errors.Is(err, want) {
			t.Errorf("metrics: %v", err)
		}
		if _, err := newTestScrubber(t, signalTraces).traces(left, traces); !errors.Is(err, want) {
			t.Errorf("traces: %v", err)
		}
		if _, err := newTestScrubber(t, signalLogs).logs(left, logs); !errors.Is(err, want) {
			t.Errorf("logs: %v", err)
		}
	}
}
