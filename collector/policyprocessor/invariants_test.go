package policyprocessor

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"techsapo.example/collector/policyprocessor/internal/policy"
	"techsapo.example/collector/policyprocessor/internal/privacy"
)

var bucketOfAddress = regexp.MustCompile(`\A(?:v[46]-[0-9a-f]{2}|private|loopback|invalid)\z`)

// amounts are what the points of one metric add up to.
type amounts struct {
	sum, magnitude, most float64
	counts               []uint64
}

func (a *amounts) add(value float64, counts []uint64) {
	if a.magnitude == 0 && a.counts == nil && a.sum == 0 {
		a.most = math.Inf(-1)
	}
	a.sum += value
	a.magnitude += math.Abs(value)
	a.most = max(a.most, value)
	if a.counts == nil {
		a.counts = make([]uint64, len(counts))
	}
	for at := range min(len(counts), len(a.counts)) {
		a.counts[at] += counts[at]
	}
}

// amountsOf returns what each metric of a payload adds up to, by name, whatever its labels.
func amountsOf(in pmetric.Metrics) map[string]*amounts {
	found := map[string]*amounts{}
	for _, resource := range in.ResourceMetrics().All() {
		for _, scope := range resource.ScopeMetrics().All() {
			for _, metric := range scope.Metrics().All() {
				to := found[metric.Name()]
				if to == nil {
					to = &amounts{}
					found[metric.Name()] = to
				}
				for _, point := range numbersOf(metric).All() {
					value := point.DoubleValue()
					if point.ValueType() == pmetric.NumberDataPointValueTypeInt {
						value = float64(point.IntValue())
					}
					to.add(value, nil)
				}
				if metric.Type() == pmetric.MetricTypeHistogram {
					for _, point := range metric.Histogram().DataPoints().All() {
						to.add(point.Sum(), point.BucketCounts().AsRaw())
					}
				}
			}
		}
	}
	return found
}

// isConserved tells whether what came out of a metric is what came in, to the last digit that adding keeps.
func isConserved(declared *policy.Metric, in, out *amounts) bool {
	if declared.Type == policy.Gauge && declared.Combine != policy.Sum {
		return in.most == out.most
	}
	return math.Abs(in.sum-out.sum) <= 1e-9*in.magnitude && slices.Equal(in.counts, out.counts)
}

// checkConserved fails where what came in, of which nothing was refused, is not what has come out.
func (b *bench) checkConserved(before map[string]*amounts, out pmetric.Metrics) {
	b.Helper()
	after := amountsOf(out)
	raw := map[*policy.Metric]bool{}
	for name := range before {
		views, _ := b.policy.ViewsOn(name)
		for _, view := range views {
			raw[view.Metric] = raw[view.Metric] || name != view.Metric.Name
		}
	}
	for name, told := range before {
		declared := b.policy.ByName[name]
		// A ratio is computed, a state excludes others, and what raw instruments add is told by the tests of views.
		if declared == nil || declared.Ratio != nil || declared.OneHot != "" || raw[declared] {
			continue
		}
		if left := after[name]; left == nil || !isConserved(declared, told, left) {
			b.Errorf("%s: %+v came in, and %+v out", name, told, left)
		}
	}
}

// checkDeclared fails where something has come out that the contract does not declare.
func (b *bench) checkDeclared(out pmetric.Metrics) {
	b.Helper()
	names := []string{serviceName, serviceNamespace, serviceInstance, serviceVersion}
	for _, resource := range out.ResourceMetrics().All() {
		for name, value := range resource.Resource().Attributes().All() {
			if !slices.Contains(names, name) || len(privacy.Find(value.Str())) > 0 || len(value.Str()) > maxNameBytes {
				b.Errorf("resource attribute %q is %q", name, value.AsString())
			}
		}
		if resource.ScopeMetrics().Len() != 1 || resource.SchemaUrl() != "" {
			b.Errorf("%d scopes, schema %q", resource.ScopeMetrics().Len(), resource.SchemaUrl())
		}
		for _, scope := range resource.ScopeMetrics().All() {
			if scope.Scope().Name() != "" || scope.Scope().Version() != "" || scope.Scope().Attributes().Len() != 0 {
				b.Errorf("scope %q", scope.Scope().Name())
			}
			for _, metric := range scope.Metrics().All() {
				b.checkMetric(metric)
			}
		}
	}
}

func (b *bench) checkMetric(metric pmetric.Metric) {
	b.Helper()
	declared := b.policy.ByName[metric.Name()]
	if declared == nil || metric.Unit() != declared.Unit || metric.Description() != declared.Description {
		b.Fatalf("%q in %q, %q, is not declared", metric.Name(), metric.Unit(), metric.Description())
	}
	types := map[policy.Type]pmetric.MetricType{
		policy.Counter: pmetric.MetricTypeSum, policy.Gauge: pmetric.MetricTypeGauge, policy.Histogram: pmetric.MetricTypeHistogram,
	}
	if metric.Type() != types[declared.Type] || metric.Metadata().Len() != 0 {
		b.Errorf("%s is a %s with %v", metric.Name(), metric.Type(), metric.Metadata().AsRaw())
	}
	for _, point := range numbersOf(metric).All() {
		b.checkLabels(declared, point.Attributes())
		if value := point.DoubleValue(); math.IsNaN(value) || math.IsInf(value, 0) || point.Exemplars().Len() > 0 {
			b.Errorf("%s has the value %v", metric.Name(), value)
		}
	}
	if metric.Type() != pmetric.MetricTypeHistogram {
		return
	}
	for _, point := range metric.Histogram().DataPoints().All() {
		b.checkLabels(declared, point.Attributes())
		total := uint64(0)
		for _, count := range point.BucketCounts().All() {
			total += count
		}
		if total != point.Count() || !slices.Equal(point.ExplicitBounds().AsRaw(), declared.Boundaries) ||
			point.BucketCounts().Len() != len(declared.Boundaries)+1 || point.Exemplars().Len() > 0 {
			b.Errorf("%s has %v in %v", metric.Name(), point.BucketCounts().AsRaw(), point.ExplicitBounds().AsRaw())
		}
	}
}

func (b *bench) checkLabels(declared *policy.Metric, attributes pcommon.Map) {
	b.Helper()
	if attributes.Len() != len(declared.Labels) {
		b.Errorf("%s has labels %v", declared.Name, attributes.AsRaw())
	}
	for _, label := range declared.Labels {
		value, there := attributes.Get(label.Name)
		if !there || value.Type() != pcommon.ValueTypeStr || !inDomain(label, value.Str()) {
			b.Errorf("%s has %s=%q", declared.Name, label.Name, value.AsString())
		}
	}
}

// inDomain tells whether a label may have a value: requirements.md says which, and this is not how the processor decides.
func inDomain(label *policy.Label, text string) bool {
	switch label.Domain {
	case "enum":
		return text == policy.Other || slices.Contains(label.Values, text)
	case "masked":
		return bucketOfAddress.MatchString(text)
	case "template":
		return text == policy.Other || text == policy.Unmatched || (strings.HasPrefix(text, "/") && len(privacy.Find(text)) == 0)
	}
	if text == policy.Other || slices.Contains(label.Known, text) {
		return true
	}
	return regexp.MustCompile(`\A(?:`+label.Pattern+`)\z`).MatchString(text) && len(privacy.Find(text)) == 0
}

// checkAgain fails where what has come out changes when it is sent once more, as by a first Collector to a second.
func (b *bench) checkAgain(out pmetric.Metrics) {
	b.Helper()
	first, kept := bytesOf(b, out), pmetric.NewMetrics()
	out.CopyTo(kept)
	again, _ := b.process(b.Context(), out)
	if second := bytesOf(b, again); first != second {
		was, _ := (&pmetric.JSONMarshaler{}).MarshalMetrics(kept)
		is, _ := (&pmetric.JSONMarshaler{}).MarshalMetrics(again)
		b.Errorf("first  %s\nsecond %s", was, is)
	}
}

func bytesOf(t testing.TB, in pmetric.Metrics) string {
	t.Helper()
	bytes, err := (&pmetric.ProtoMarshaler{}).MarshalMetrics(in)
	if err != nil {
		t.Fatal(err)
	}
	return string(bytes)
}
