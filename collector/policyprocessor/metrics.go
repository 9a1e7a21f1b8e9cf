package policyprocessor

import (
	"context"
	"regexp"
	"sync"
	"time"

	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/processor/processorhelper"
	"go.uber.org/zap"

	"techsapo.example/collector/policyprocessor/internal/policy"
	"techsapo.example/collector/policyprocessor/internal/privacy"
)

// Names of unknown metrics that are told in the log, each once.
const maxTold = 100

var plainName = regexp.MustCompile(`\A[a-z][a-z0-9_.]{0,99}\z`)

// metricsPolicy builds new metrics out of those that come in: what is not asked for has nowhere to survive.
type metricsPolicy struct {
	policy    *policy.Policy
	buckets   *privacy.Buckets
	identify  identifier
	instances *instances
	figures   *figures
	logger    *zap.Logger

	mu   sync.Mutex
	told map[string]bool
}

func newMetricsPolicy(
	found *policy.Policy, salt []byte, config *Config, own *figures, logger *zap.Logger,
) (*metricsPolicy, error) {
	buckets, err := found.Buckets(salt)
	if err != nil {
		return nil, err
	}
	return &metricsPolicy{
		policy:    found,
		buckets:   buckets,
		identify:  newIdentifier(salt),
		instances: newInstances(found, config.MaxInstances, config.InstanceExpiration, time.Now),
		figures:   own,
		logger:    logger,
		told:      map[string]bool{},
	}, nil
}

// process returns the metrics of a payload as the contract has them: one ResourceMetrics an instance, one point a label
// set.
func (m *metricsPolicy) process(ctx context.Context, in pmetric.Metrics) (pmetric.Metrics, error) {
	counts := newTally()
	defer counts.tell(ctx, m.figures, signalMetrics)
	groups, order := map[string]*group{}, []*group{}
	for _, resource := range in.ResourceMetrics().All() {
		who := m.identify.of(resource.Resource(), counts)
		found := groups[who.key]
		if found == nil {
			known := m.instances.find(who.key)
			if known == nil {
				counts.refused[reasonInstances] += int64(pointsOf(resource))
				continue
			}
			found = &group{identity: who, instance: known, batches: make([]*batch, len(m.policy.Metrics))}
			groups[who.key] = found
			order = append(order, found)
		}
		for _, scope := range resource.ScopeMetrics().All() {
			for _, metric := range scope.Metrics().All() {
				m.read(found, metric, counts)
			}
		}
	}
	out := pmetric.NewMetrics()
	for _, each := range order {
		each.write(out, m.policy, counts)
	}
	if out.ResourceMetrics().Len() == 0 {
		return out, processorhelper.ErrSkipProcessingData
	}
	return out, nil
}

// group is what a payload tells of one instance, by the metric's position in the policy.
type group struct {
	identity identity
	instance *instance
	batches  []*batch
}

func (g *group) batch(metric *policy.Metric) *batch {
	found := g.batches[metric.Index]
	if found == nil {
		found = newBatch(metric)
		g.batches[metric.Index] = found
	}
	return found
}

func (m *metricsPolicy) read(to *group, in pmetric.Metric, counts *tally) {
	declared := m.policy.ByName[in.Name()]
	if declared == nil {
		counts.unknown++
		m.tellUnknown(in.Name())
		return
	}
	if declared.Ratio != nil {
		return // computed from its counter
	}
	if why, refused := refusal(declared, in); refused {
		counts.refused[why] += int64(pointsOfMetric(in))
		return
	}
	reader := reader{metric: declared, batch: to.batch(declared), buckets: m.buckets, counts: counts}
	switch in.Type() {
	case pmetric.MetricTypeSum:
		reader.numbers(in.Sum().DataPoints())
	case pmetric.MetricTypeGauge:
		reader.numbers(in.Gauge().DataPoints())
	case pmetric.MetricTypeHistogram:
		reader.histograms(in.Histogram().DataPoints())
	}
}

// refusal tells whether all points of a metric are refused, and why. A gauge may come as a sum that falls, too: it is
// what Prometheus takes for a gauge.
func refusal(declared *policy.Metric, in pmetric.Metric) (reason, bool) {
	temporality := pmetric.AggregationTemporalityCumulative
	fits := false
	switch in.Type() {
	case pmetric.MetricTypeSum:
		temporality = in.Sum().AggregationTemporality()
		fits = (declared.Type == policy.Counter) == in.Sum().IsMonotonic() && declared.Type != policy.Histogram
	case pmetric.MetricTypeGauge:
		fits = declared.Type == policy.Gauge
	case pmetric.MetricTypeHistogram:
		temporality = in.Histogram().AggregationTemporality()
		fits = declared.Type == policy.Histogram
	}
	switch {
	case !fits:
		return reasonType, true
	case temporality == pmetric.AggregationTemporalityDelta:
		return reasonDelta, true
	case temporality != pmetric.AggregationTemporalityCumulative:
		return reasonBroken, true
	}
	return "", false
}

// tellUnknown logs a name once, if it looks like one: what a sender puts into names may be anything.
func (m *metricsPolicy) tellUnknown(name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.told) >= maxTold || m.told[name] || !plainName.MatchString(name) || len(privacy.Find(name)) > 0 {
		return
	}
	m.told[name] = true
	m.logger.Warn("A metric that the contract does not know is dropped", zap.String("metric", name))
}

func pointsOf(resource pmetric.ResourceMetrics) int {
	points := 0
	for _, scope := range resource.ScopeMetrics().All() {
		for _, metric := range scope.Metrics().All() {
			points += pointsOfMetric(metric)
		}
	}
	return points
}

func pointsOfMetric(in pmetric.Metric) int {
	switch in.Type() {
	case pmetric.MetricTypeGauge:
		return in.Gauge().DataPoints().Len()
	case pmetric.MetricTypeSum:
		return in.Sum().DataPoints().Len()
	case pmetric.MetricTypeHistogram:
		return in.Histogram().DataPoints().Len()
	case pmetric.MetricTypeExponentialHistogram:
		return in.ExponentialHistogram().DataPoints().Len()
	case pmetric.MetricTypeSummary:
		return in.Summary().DataPoints().Len()
	}
	return 0
}
