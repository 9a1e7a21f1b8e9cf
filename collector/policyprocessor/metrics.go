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

// What looks like the name of a metric, and what does not: many digits in a row, four numbers with stops.
var (
	plainName  = regexp.MustCompile(`\A[a-z][a-z0-9_.]{0,99}\z`)
	manyDigits = regexp.MustCompile(`[0-9]{5}|(?:[0-9]\.[0-9]*){3}`)
)

// metricsPolicy builds new metrics out of those that come in: what is not asked for has nowhere to survive.
type metricsPolicy struct {
	policy    *policy.Policy
	buckets   *privacy.Buckets
	identify  identifier
	instances *instances
	pools     batchPools
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
		pools:     make(batchPools, len(found.Metrics)),
		logger:    logger,
		told:      map[string]bool{},
	}, nil
}

// process returns the metrics of a payload as the contract has them: one ResourceMetrics an instance, one point a label
// set.
func (m *metricsPolicy) process(ctx context.Context, in pmetric.Metrics) (pmetric.Metrics, error) {
	counts := newTally()
	defer counts.tell(ctx, m.figures, signalMetrics)
	defer func() { m.tellUnknown(counts.unknown) }()
	groups, order := map[string]*group{}, []*group{}
	for _, resource := range in.ResourceMetrics().All() {
		who := m.identify.of(resource.Resource(), counts)
		found := groups[who.key]
		if found == nil {
			if !m.isKnown(resource, counts) {
				continue // it would take an instance's place for nothing
			}
			known := m.instances.find(who.key)
			if known == nil {
				counts.refused[reasonInstances] += int64(pointsOf(resource))
				continue
			}
			found = &group{identity: who, instance: known, batches: make([]*batch, len(m.policy.Metrics)), pools: m.pools}
			groups[who.key] = found
			order = append(order, found)
		}
		found.resources = append(found.resources, resource)
		for _, scope := range resource.ScopeMetrics().All() {
			for _, metric := range scope.Metrics().All() {
				found.survey(m.policy, scope.Scope().Name(), metric)
			}
		}
	}
	out := pmetric.NewMetrics()
	for _, each := range order {
		each.choose(m.instances.now(), m.instances.expiration)
		for _, resource := range each.resources {
			for _, scope := range resource.ScopeMetrics().All() {
				for at, metric := range scope.Metrics().All() {
					if err := gone(ctx, at); err != nil {
						return in, err
					}
					m.read(each, scope.Scope().Name(), metric, counts)
				}
			}
		}
		each.settle(m.policy)
		each.write(out, m.policy, counts)
		for _, batch := range each.batches {
			if batch != nil {
				m.pools.put(batch)
			}
		}
	}
	if out.ResourceMetrics().Len() == 0 {
		return out, processorhelper.ErrSkipProcessingData
	}
	return out, nil
}

// isKnown tells whether a resource has a metric that the contract asks for; where it has none, all of them are counted.
func (m *metricsPolicy) isKnown(in pmetric.ResourceMetrics, counts *tally) bool {
	var unknown []string
	for _, scope := range in.ScopeMetrics().All() {
		for _, metric := range scope.Metrics().All() {
			if views, _ := m.policy.ViewsOn(metric.Name()); len(views) > 0 {
				return true
			}
			if m.policy.ByName[metric.Name()] == nil {
				unknown = append(unknown, metric.Name())
			}
		}
	}
	counts.unknown = append(counts.unknown, unknown...)
	return false
}

func (m *metricsPolicy) read(to *group, scope string, in pmetric.Metric, counts *tally) {
	views, instrument := m.policy.ViewsOn(in.Name())
	if len(views) == 0 {
		if m.policy.ByName[in.Name()] == nil { // else it is a ratio, which is computed from its counter
			counts.unknown = append(counts.unknown, in.Name())
		}
		return
	}
	// The tables of what is admitted are the instance's, and other payloads of it may come at the same time.
	to.instance.mu.Lock()
	defer to.instance.mu.Unlock()
	reader := reader{buckets: m.buckets, counts: counts, edition: to.editionOf(m.policy, scope, instrument)}
	why, refused := reason(""), false
	for _, view := range views {
		if !view.TakesFrom(scope) {
			continue
		}
		if found, wrong := refusal(view, in); wrong {
			why, refused = found, true
		} else if where, counted := to.target(view, instrument); counted {
			reader.targets = append(reader.targets, where)
		}
	}
	if refused && len(reader.targets) == 0 {
		counts.refused[why] += int64(pointsOfMetric(in))
	}
	if len(reader.targets) == 0 {
		return
	}
	switch in.Type() {
	case pmetric.MetricTypeSum:
		reader.numbers(in.Sum().DataPoints(), in.Sum().IsMonotonic())
	case pmetric.MetricTypeGauge:
		reader.numbers(in.Gauge().DataPoints(), false)
	case pmetric.MetricTypeHistogram:
		reader.histograms(in.Histogram().DataPoints())
	}
}

// refusal tells whether a view can take nothing from any point of a metric, and why. A gauge may come as a sum that
// falls, too: it is what Prometheus takes for a gauge.
func refusal(view *policy.View, in pmetric.Metric) (reason, bool) {
	temporality := pmetric.AggregationTemporalityCumulative
	fits := false
	switch in.Type() {
	case pmetric.MetricTypeSum:
		temporality = in.Sum().AggregationTemporality()
		if in.Sum().IsMonotonic() {
			fits = view.Metric.Type == policy.Counter && view.Take == policy.TakeSum
		} else {
			fits = view.Metric.Type == policy.Gauge
		}
	case pmetric.MetricTypeGauge:
		fits = view.Metric.Type == policy.Gauge
	case pmetric.MetricTypeHistogram:
		temporality = in.Histogram().AggregationTemporality()
		// What comes under the metric's own name is of its own type.
		fits = view.Metric.Type == policy.Histogram || (view.Metric.Type == policy.Counter && !view.IsDirect())
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

func isPlain(name string) bool {
	return plainName.MatchString(name) && !manyDigits.MatchString(name) && len(privacy.Find(name)) == 0
}

// tellUnknown logs names once each, those that look like one: what a sender puts into names may be anything.
func (m *metricsPolicy) tellUnknown(names []string) {
	var fresh []string
	m.mu.Lock()
	for _, name := range names {
		if len(m.told) < maxTold && !m.told[name] && isPlain(name) {
			m.told[name] = true
			fresh = append(fresh, name)
		}
	}
	m.mu.Unlock()
	// In one line: the Collector's log leaves out what comes often.
	if len(fresh) > 0 {
		m.logger.Warn("Metrics that the contract does not know are dropped", zap.Strings("metrics", fresh))
	}
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
