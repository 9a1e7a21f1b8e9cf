package policyprocessor

import (
	"context"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.uber.org/zap"

	"techsapo.example/collector/policyprocessor/internal/policy"
)

const testSalt = "the salt of the tests, no secret"

const (
	hits     = "techsapo_rate_limit_hits_total"
	requests = "techsapo_wallbounce_requests_total"
	logins   = "techsapo_auth_attempts_total"
	queue    = "techsapo_queue_size"
	active   = "techsapo_active_connections"
	breaker  = "techsapo_circuit_breaker_state"
	cacheOps = "techsapo_cache_requests_total"
	ratio    = "techsapo_cache_hit_ratio"
	duration = "techsapo_wallbounce_processing_duration_seconds"
)

type labels map[string]any

// bench is a metrics policy under test, with its clock and its figures.
type bench struct {
	*metricsPolicy
	testing.TB
	telemetry *componenttest.Telemetry
	now       time.Time
}

func newBench(t testing.TB, change func(*Config)) *bench {
	t.Helper()
	config := createDefaultConfig().(*Config)
	if change != nil {
		change(config)
	}
	found, err := policy.Read(filepath.Join("..", "config", "policy.json"))
	if err != nil {
		t.Fatal(err)
	}
	telemetry := componenttest.NewTelemetry()
	t.Cleanup(func() { _ = telemetry.Shutdown(context.Background()) })
	own, err := newFigures(telemetry.NewTelemetrySettings())
	if err != nil {
		t.Fatal(err)
	}
	made, err := newMetricsPolicy(found, []byte(testSalt), config, own, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{metricsPolicy: made, TB: t, telemetry: telemetry, now: time.Unix(1_800_000_000, 0)}
	made.instances.now = func() time.Time { return b.now }
	made.instances.purged = b.now
	return b
}

// send returns the value of each series that comes out, by "instance metric label|label".
func (b *bench) send(in pmetric.Metrics) map[string]float64 {
	out, _ := b.process(context.Background(), in)
	found := map[string]float64{}
	for _, resource := range out.ResourceMetrics().All() {
		instance := textOf(resource.Resource().Attributes(), serviceInstance)
		for _, metric := range resource.ScopeMetrics().At(0).Metrics().All() {
			declared := b.policy.ByName[metric.Name()]
			key := func(attributes pcommon.Map) string {
				if attributes.Len() != len(declared.Labels) {
					b.Errorf("%s has labels %v", metric.Name(), attributes.AsRaw())
				}
				var values []string
				for _, label := range declared.Labels {
					values = append(values, textOf(attributes, label.Name))
				}
				return strings.TrimSpace(instance + " " + metric.Name() + " " + strings.Join(values, "|"))
			}
			put := func(key string, value float64) {
				if _, twice := found[key]; twice {
					b.Errorf("%s comes out twice", key)
				}
				found[key] = value
			}
			for _, point := range numbersOf(metric).All() {
				put(key(point.Attributes()), point.DoubleValue())
			}
			if metric.Type() == pmetric.MetricTypeHistogram {
				for _, point := range metric.Histogram().DataPoints().All() {
					put(key(point.Attributes()), float64(point.Count()))
				}
			}
		}
	}
	return found
}

func numbersOf(metric pmetric.Metric) pmetric.NumberDataPointSlice {
	switch metric.Type() {
	case pmetric.MetricTypeSum:
		return metric.Sum().DataPoints()
	case pmetric.MetricTypeGauge:
		return metric.Gauge().DataPoints()
	}
	return pmetric.NewNumberDataPointSlice()
}

// told returns one of the processor's own figures by the value of an attribute.
func (b *bench) told(name, attribute string) map[string]int64 {
	found := map[string]int64{}
	metric, err := b.telemetry.GetMetric("otelcol_processor_techsapo_policy_" + name)
	if err != nil {
		return found
	}
	for _, point := range metric.Data.(metricdata.Sum[int64]).DataPoints {
		value, _ := point.Attributes.Value(pKey(attribute))
		found[value.AsString()] += point.Value
	}
	return found
}

// payload is metrics of one instance in one scope.
type payload struct {
	pmetric.Metrics
	metrics pmetric.MetricSlice
}

func from(resource map[string]any) payload {
	in := pmetric.NewMetrics()
	return payload{in, in.ResourceMetrics().AppendEmpty().ScopeMetrics().AppendEmpty().Metrics()}.as(resource)
}

// one is a payload of the instance "one".
func one() payload { return from(map[string]any{serviceName: "app", serviceInstance: "one"}) }

func (p payload) as(resource map[string]any) payload {
	last := p.ResourceMetrics().At(p.ResourceMetrics().Len() - 1)
	if err := last.Resource().Attributes().FromRaw(resource); err != nil {
		panic(err)
	}
	return p
}

func (p payload) counter(name string, attributes labels, value float64, start int) payload {
	metric := p.metrics.AppendEmpty()
	metric.SetName(name)
	sum := metric.SetEmptySum()
	sum.SetIsMonotonic(true)
	sum.SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
	number(sum.DataPoints().AppendEmpty(), attributes, value, start)
	return p
}

func (p payload) gauge(name string, attributes labels, value float64) payload {
	metric := p.metrics.AppendEmpty()
	metric.SetName(name)
	number(metric.SetEmptyGauge().DataPoints().AppendEmpty(), attributes, value, 0)
	return p
}

func (p payload) histogram(name string, boundaries []float64, counts []uint64, sum float64) payload {
	metric := p.metrics.AppendEmpty()
	metric.SetName(name)
	histogram := metric.SetEmptyHistogram()
	histogram.SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
	point := histogram.DataPoints().AppendEmpty()
	point.ExplicitBounds().FromRaw(boundaries)
	point.BucketCounts().FromRaw(counts)
	total := uint64(0)
	for _, count := range counts {
		total += count
	}
	point.SetCount(total)
	point.SetSum(sum)
	point.SetStartTimestamp(5)
	point.SetTimestamp(9)
	return p
}

func number(point pmetric.NumberDataPoint, attributes labels, value float64, start int) {
	if err := point.Attributes().FromRaw(attributes); err != nil {
		panic(err)
	}
	point.SetDoubleValue(value)
	point.SetStartTimestamp(pcommon.Timestamp(start))
	point.SetTimestamp(pcommon.Timestamp(start + 100))
}

func (b *bench) equal(got, want map[string]float64) {
	b.Helper()
	if !maps.Equal(got, want) {
		b.Errorf("got  %v\nwant %v", sorted(got), sorted(want))
	}
}

func sorted(values map[string]float64) []string {
	return slices.Sorted(maps.Keys(values))
}
