package policyprocessor

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"techsapo.example/collector/policyprocessor/internal/policy"
)

// write appends what a payload tells of one instance, in the policy's order. The scope is empty: exporters take one name
// under two scopes for two metrics.
func (g *group) write(out pmetric.Metrics, contract *policy.Policy, counts *tally) {
	g.instance.mu.Lock()
	defer g.instance.mu.Unlock()
	for _, each := range g.batches {
		if each == nil {
			continue
		}
		if each.metric.OneHot != "" {
			each.addExcluded()
		}
		if table := g.instance.table(each.metric); table != nil {
			table.admit(each, counts)
		}
		if each.metric.OneHot != "" {
			each.keepWorst()
		}
	}
	for _, metric := range contract.Metrics {
		if metric.Ratio != nil {
			g.ratio(metric, g.batches[contract.ByName[metric.Ratio.Counter].Index], counts)
		}
	}
	var metrics pmetric.MetricSlice
	begun := false
	for _, each := range g.batches {
		if each == nil || len(each.order) == 0 {
			continue
		}
		if !begun {
			resource := out.ResourceMetrics().AppendEmpty()
			g.identity.write(resource.Resource().Attributes())
			metrics = resource.ScopeMetrics().AppendEmpty().Metrics()
			begun = true
		}
		each.write(metrics.AppendEmpty())
	}
}

// ratio computes a gauge from the counter that it is the share of.
func (g *group) ratio(metric *policy.Metric, counter *batch, counts *tally) {
	if counter == nil {
		return
	}
	at := counter.metric.Position(metric.Ratio.Label)
	kept := make([]int, len(metric.Labels))
	for position, label := range metric.Labels {
		kept[position] = counter.metric.Position(label.Name)
	}
	shares := newBatch(metric)
	parts := map[string]float64{}
	for _, from := range counter.order {
		values := make([]string, len(kept))
		for position, source := range kept {
			values[position] = from.values[source]
		}
		labels := setOf(values)
		key := labels.key
		if shares.found[key] == nil {
			shares.put(&series{labelSet: &labels})
		}
		whole := shares.found[key]
		whole.time = max(whole.time, from.time)
		whole.value += from.value
		if from.values[at] == metric.Ratio.Value {
			parts[key] += from.value
		}
	}
	told := newBatch(metric)
	for _, whole := range shares.order {
		if whole.value > 0 {
			whole.value = parts[whole.key] / whole.value
			told.put(whole)
		}
	}
	g.batches[metric.Index] = told
}

func (b *batch) write(to pmetric.Metric) {
	to.SetName(b.metric.Name)
	to.SetDescription(b.metric.Description)
	to.SetUnit(b.metric.Unit)
	switch b.metric.Type {
	case policy.Histogram:
		histogram := to.SetEmptyHistogram()
		histogram.SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
		if b.moveHistograms(histogram.DataPoints()) {
			return
		}
		histogram.DataPoints().EnsureCapacity(len(b.order))
		for _, from := range b.order {
			b.writeHistogram(histogram.DataPoints().AppendEmpty(), from)
		}
	case policy.Counter:
		sum := to.SetEmptySum()
		sum.SetIsMonotonic(true)
		sum.SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
		b.writeNumbers(sum.DataPoints())
	case policy.Gauge:
		b.writeNumbers(to.SetEmptyGauge().DataPoints())
	}
}

func (b *batch) writeNumbers(to pmetric.NumberDataPointSlice) {
	if b.moveNumbers(to) {
		return
	}
	to.EnsureCapacity(len(b.order))
	for _, from := range b.order {
		point := to.AppendEmpty()
		b.writeLabels(point.Attributes(), from)
		point.SetStartTimestamp(from.start)
		point.SetTimestamp(from.time)
		point.SetDoubleValue(from.value)
	}
}

func (b *batch) writeHistogram(point pmetric.HistogramDataPoint, from *series) {
	b.writeLabels(point.Attributes(), from)
	point.SetStartTimestamp(from.start)
	point.SetTimestamp(from.time)
	point.SetSum(from.value)
	point.ExplicitBounds().FromRaw(b.metric.Boundaries)
	if from.counts != nil {
		point.BucketCounts().FromRaw(from.counts)
	} else {
		from.buckets.MoveTo(point.BucketCounts())
	}
	total := uint64(0)
	for _, count := range point.BucketCounts().All() {
		total += count
	}
	point.SetCount(total)
}

func (b *batch) writeLabels(to pcommon.Map, from *series) {
	if from.asSent {
		from.sent.MoveTo(to)
		return
	}
	to.EnsureCapacity(len(from.values))
	for at, label := range b.metric.Labels {
		to.PutStr(label.Name, from.values[at])
	}
}
