package policyprocessor

import (
	"slices"

	"go.opentelemetry.io/collector/pdata/pmetric"

	"techsapo.example/collector/policyprocessor/internal/policy"
)

// group is what a payload tells of one instance, by the metric's position in the policy.
type group struct {
	identity identity
	instance *instance
	batches  []*batch
	pools    batchPools
	chosen   map[*policy.View]choice

	resources []pmetric.ResourceMetrics
	editions  map[policy.Measured]uint64 // that the payload tells, as bits at their ranks
	counting  map[policy.Measured]int    // the rank of the edition that counts
}

// choice is what a gauge is told by an instrument that has several names: the first of them that comes counts, so that
// resident memory is not added to a heap that is told as well.
type choice struct {
	rank  int
	batch *batch
}

func (g *group) batch(metric *policy.Metric) *batch {
	found := g.batches[metric.Index]
	if found == nil {
		found = g.pools.get(metric)
		g.batches[metric.Index] = found
	}
	return found
}

// target returns where a view puts what it takes from an instrument of this name; false where another name counts.
func (g *group) target(view *policy.View, instrument string) (target, bool) {
	if view.Metric.Type != policy.Gauge || len(view.Instruments) == 1 {
		return target{view, g.batch(view.Metric), g.instance.table(view.Metric)}, true
	}
	rank := slices.Index(view.Instruments, instrument)
	known, there := g.chosen[view]
	if there && known.rank < rank {
		return target{}, false
	}
	if !there || known.rank > rank {
		if g.chosen == nil {
			g.chosen = map[*policy.View]choice{}
		}
		known = choice{rank, newBatch(view.Metric)}
		g.chosen[view] = known
	}
	return target{view, known.batch, g.instance.table(view.Metric)}, true
}

// settle adds what was told under the name that counts to the other series of its metric.
func (g *group) settle(contract *policy.Policy) {
	if len(g.chosen) == 0 {
		return
	}
	for _, metric := range contract.Metrics {
		for _, view := range metric.FedBy {
			if known, there := g.chosen[view]; there {
				for _, each := range known.batch.order {
					g.batch(metric).put(each)
				}
			}
		}
	}
}
