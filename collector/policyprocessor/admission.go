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
	admitted map[string]*labelSet
	seen     []map[string]struct{} // of each label; nil where it has no limit
}

func newTable(metric *policy.Metric) *table {
	seen := make([]map[string]struct{}, len(metric.Labels))
	for at, label := range metric.Labels {
		if label.Limited() {
			seen[at] = map[string]struct{}{}
		}
	}
	return &table{metric, map[string]*labelSet{}, seen}
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
		if !each.admitted {
			fresh = append(fresh, each)
		}
	}
	slices.SortFunc(fresh, func(a, b *series) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.key, b.key))
	})
	moved := false
	for _, each := range fresh {
		within := t.find(each.labelSet)
		if within.key == each.key {
			continue
		}
		counts.overflow[t.metric.Name] += each.points
		delete(in.found, each.key)
		each.labelSet, each.asSent, moved = within, false, true
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

// known returns the label set of a key where it has been admitted, else nil.
func (t *table) known(key []byte) *labelSet {
	if t == nil {
		return nil
	}
	return t.admitted[string(key)]
}

// find returns the label set that a label set is admitted as.
func (t *table) find(labels *labelSet) *labelSet {
	if known := t.admitted[labels.key]; known != nil {
		return known
	}
	values := slices.Clone(labels.values)
	for at, seen := range t.seen {
		if seen == nil || t.metric.Labels[at].Always(values[at]) {
			continue
		}
		if _, known := seen[values[at]]; !known && len(seen) >= t.metric.Labels[at].Limit {
			values[at] = policy.Other
		}
	}
	within := setOf(values)
	if known := t.admitted[within.key]; known != nil {
		return known
	}
	if len(t.admitted) >= t.metric.SeriesLimit {
		for at, seen := range t.seen {
			if seen != nil {
				values[at] = policy.Other
			}
		}
		if within = setOf(values); t.admitted[within.key] != nil {
			return t.admitted[within.key]
		}
	}
	t.admitted[within.key] = &within
	for at, seen := range t.seen {
		if seen != nil && !policy.IsStandIn(within.values[at]) {
			seen[within.values[at]] = struct{}{}
		}
	}
	return &within
}
