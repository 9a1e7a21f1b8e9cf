package otlpguardextension

import (
	"bytes"
	"context"
	"testing"
	"time"

	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/extension/extensiontest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// How long a test waits for what must come.
const deadline = 20 * time.Second

// guarded is a guard of a test's own, and what it tells about itself.
type guarded struct {
	*guard
	t         *testing.T
	telemetry *componenttest.Telemetry
}

func newGuarded(t *testing.T, change func(*Config)) *guarded {
	t.Helper()
	config := createDefaultConfig().(*Config)
	if change != nil {
		change(config)
	}
	if err := config.Validate(); err != nil {
		t.Fatal(err)
	}
	telemetry := componenttest.NewTelemetry()
	t.Cleanup(func() { _ = telemetry.Shutdown(context.Background()) })
	set := extensiontest.NewNopSettings(Type)
	set.TelemetrySettings = telemetry.NewTelemetrySettings()
	made, err := NewFactory().Create(t.Context(), set, config)
	if err != nil {
		t.Fatal(err)
	}
	if err := made.Start(t.Context(), componenttest.NewNopHost()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := made.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return &guarded{made.(*guard), t, telemetry}
}

// refused returns how many requests have been refused for each reason.
func (g *guarded) refused() map[string]int64 {
	g.t.Helper()
	var all metricdata.ResourceMetrics
	if err := g.telemetry.Reader.Collect(context.Background(), &all); err != nil {
		g.t.Fatal(err)
	}
	found := map[string]int64{}
	for _, scope := range all.ScopeMetrics {
		for _, each := range scope.Metrics {
			for _, point := range each.Data.(metricdata.Sum[int64]).DataPoints {
				why, _ := point.Attributes.Value("reason")
				found[why.AsString()] = point.Value
			}
		}
	}
	return found
}

// checkFree finds everything given back that requests have taken.
func (g *guarded) checkFree(concurrent int64) {
	g.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	if g.bodies.Acquire(ctx, concurrent) != nil || g.calls.Acquire(ctx, concurrent) != nil || g.decoded.Acquire(ctx, g.limit) != nil {
		g.t.Error("something is not given back")
	}
}

// logs returns logs of one record whose body has a length.
func logs(length int) plogotlp.ExportRequest {
	made := plog.NewLogs()
	record := made.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
	record.Body().SetStr(string(bytes.Repeat([]byte("x"), length)))
	record.SetTimestamp(pcommon.Timestamp(1))
	return plogotlp.NewExportRequestFromLogs(made)
}

func encoded(t *testing.T, request plogotlp.ExportRequest) []byte {
	t.Helper()
	body, err := request.MarshalProto()
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// bomb returns a body of empty messages.
func bomb(size int) []byte { return bytes.Repeat([]byte{0x0a, 0}, size/2) }

func within[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case got := <-from:
		return got
	case <-time.After(deadline):
		t.Fatal("it did not come")
		panic("unreachable")
	}
}
