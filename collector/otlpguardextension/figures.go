package otlpguardextension

import (
	"context"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// figures are what the guard tells about itself, on the Collector's own telemetry port.
type figures struct {
	refused metric.Int64Counter
}

func newFigures(set component.TelemetrySettings) (*figures, error) {
	refused, err := set.MeterProvider.Meter("techsapo.example/collector/otlpguardextension").Int64Counter(
		"otelcol_extension_techsapo_otlp_guard_refused_requests",
		metric.WithDescription("OTLP requests refused before they were decoded, by reason."), metric.WithUnit("{request}"))
	return &figures{refused}, err
}

func (f *figures) tell(ctx context.Context, why reason) {
	f.refused.Add(ctx, 1, metric.WithAttributes(attribute.String("reason", string(why))))
}
