package policyprocessor

import (
	"context"
	"errors"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

const scope = "techsapo.example/collector/policyprocessor"

// Why a data point is refused.
type reason string

const (
	reasonDelta      reason = "delta"              // it tells a difference; everything here is cumulative
	reasonType       reason = "wrong_type"         // the contract declares another type
	reasonBoundaries reason = "wrong_boundaries"   // the contract declares other boundaries
	reasonBroken     reason = "broken"             // NaN, infinite, a negative count, or counts that do not add up
	reasonNoValue    reason = "no_value"           // it is flagged as having no value
	reasonInstances  reason = "too_many_instances" // max_instances others send metrics
	reasonEdition    reason = "duplicate_edition"  // it is counted under another edition of the conventions
)

// The signals whose values are scrubbed.
const (
	signalMetrics = "metrics"
	signalTraces  = "traces"
	signalLogs    = "logs"
)

// figures are what the processor tells about itself, on the Collector's own telemetry port.
type figures struct {
	refused  metric.Int64Counter
	overflow metric.Int64Counter
	unknown  metric.Int64Counter
	scrubbed metric.Int64Counter
}

func newFigures(set component.TelemetrySettings) (*figures, error) {
	meter := set.MeterProvider.Meter(scope)
	var errs error
	counter := func(name, description, unit string) metric.Int64Counter {
		found, err := meter.Int64Counter("otelcol_processor_techsapo_policy_"+name,
			metric.WithDescription(description), metric.WithUnit(unit))
		errs = errors.Join(errs, err)
		return found
	}
	own := &figures{
		refused:  counter("refused_points", "Data points refused, by reason.", "{datapoint}"),
		overflow: counter("overflow_points", "Data points that met a limit and went to `other`, by metric.", "{datapoint}"),
		unknown:  counter("unknown_metrics", "Metrics dropped because the contract does not know them.", "{metric}"),
		scrubbed: counter("scrubbed_values", "Personal data masked or refused, by kind and signal.", "{value}"),
	}
	return own, errs
}

// observeInstances tells how many instances send metrics, and which policy holds.
func (f *figures) observeInstances(
	set component.TelemetrySettings, version string, count func() int,
) (func() error, error) {
	meter := set.MeterProvider.Meter(scope)
	instances, err := meter.Int64ObservableGauge("otelcol_processor_techsapo_policy_instances",
		metric.WithDescription("Instances of services that send metrics."), metric.WithUnit("{instance}"))
	info, infoErr := meter.Int64ObservableGauge("otelcol_processor_techsapo_policy_info",
		metric.WithDescription("1, with the version of the policy that holds."), metric.WithUnit("1"))
	if err := errors.Join(err, infoErr); err != nil {
		return nil, err
	}
	held := metric.WithAttributes(attribute.String("version", version))
	registration, err := meter.RegisterCallback(func(_ context.Context, observer metric.Observer) error {
		observer.ObserveInt64(instances, int64(count()))
		observer.ObserveInt64(info, 1, held)
		return nil
	}, instances, info)
	if err != nil {
		return nil, err
	}
	return registration.Unregister, nil
}

// tally counts what one payload leads to, and tells it once at the end.
type tally struct {
	refused  map[reason]int64
	overflow map[string]int64
	scrubbed map[string]int64
	unknown  []string
}

func newTally() *tally {
	return &tally{map[reason]int64{}, map[string]int64{}, map[string]int64{}, nil}
}

func (t *tally) tell(ctx context.Context, f *figures, signal string) {
	for each, points := range t.refused {
		f.refused.Add(ctx, points, metric.WithAttributes(attribute.String("reason", string(each))))
	}
	for name, points := range t.overflow {
		f.overflow.Add(ctx, points, metric.WithAttributes(attribute.String("metric", name)))
	}
	for kind, values := range t.scrubbed {
		f.scrubbed.Add(ctx, values, metric.WithAttributes(attribute.String("kind", kind), attribute.String("signal", signal)))
	}
	if len(t.unknown) > 0 {
		f.unknown.Add(ctx, int64(len(t.unknown)))
	}
}
