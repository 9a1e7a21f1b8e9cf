package policyprocessor

import (
	"cmp"
	"slices"

	"techsapo.example/collector/policyprocessor/internal/policy"
)

// table is what an instance has been admitted with for one metric, while it lives: what went to `other` stays there, or
// else `other` would fall, which reads as a reset.
//
// Bounded twice, as telemetry/engine/series.py is: a label takes its known values and others while fewer than its limit
// are seen, the metric takes series_limit label sets; past either, bounded and template labels become `other`.
type table struct {
	metric   *policy.Metric
	admitted map[string]struct{}
	seen     []map[string]struct{} // of each label; nil where it has no limit
}

func newTable(metric *policy.Metric) *table {
	seen := make([]map[string]struct{}, len(metric.Labels))
	for at, label := range metric.Labels {
		if label.Limited() {
			seen[at] = map[string]struct{}{}
		}
	}
	return &table{metric, map[string]struct{}{}, seen}
}

// isLimited tells whether a metric has labels that a limit applies to: the others have a finite domain.
func isLimited(metric *policy.Metric) bool {
	return slices.ContainsFunc(metric.Labels, (*policy.Label).Limited)
}

// admit moves the series of a batch that are past a limit to `other`.
//
// New label sets are admitted in the order of their start timestamps, so that every Collector that a process sends to
// decides as the process would; then in the order of their labels.
func (t *table) admit(in *batch, counts *tally) {
	var fresh []*series
	for _, each := range in.order {
		if _, known := t.admitted[each.key]; !known {
			fresh = append(fresh, each)
		}
	}
	slices.SortFunc(fresh, func(a, b *series) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.key, b.key))
	})
	moved := false
	for _, each := range fresh {
		labels := t.find(each.labels)
		if slices.Equal(labels, each.labels) {
			continue
		}
		counts.overflow[t.metric.Name] += each.points
		delete(in.found, each.key)
		each.key, each.labels, moved = keyOf(labels), labels, true
		if known := in.found[each.key]; known != nil {
			known.merge(t.metric, each)
		} else {
			in.found[each.key] = each
		}
	}
	if moved {
		in.order = slices.DeleteFunc(in.order, func(each *series) bool { return in.found[each.key] != each })
	}
}

// find returns the label set that a label set is admitted as.
func (t *table) find(labels []string) []string {
	if _, known := t.admitted[keyOf(labels)]; known {
		return labels
	}
	within := slices.Clone(labels)
	for at, seen := range t.seen {
		if seen == nil || t.metric.Labels[at].Always(within[at]) {
			continue
		}
		if _, known := seen[within[at]]; !known && len(seen) >= t.metric.Labels[at].Limit {
			within[at] = policy.Other
		}
	}
	key := keyOf(within)
	if _, known := t.admitted[key]; known {
		return within
	}
	if len(t.admitted) >= t.metric.SeriesLimit {
		for at, seen := range t.seen {
			if seen != nil {
				within[at] = policy.Other
			}
		}
		key = keyOf(within)
	}
	t.admitted[key] = struct{}{}
	for at, seen := range t.seen {
		if seen != nil && !policy.IsStandIn(within[at]) {
			seen[within[at]] = struct{}{}
		}
	}
	return within
}
