package policyprocessor

import (
	"math/bits"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"techsapo.example/collector/policyprocessor/internal/policy"
)

// Measurements of an instance that are remembered with their edition: the conventions list 18 operations, and few
// libraries measure any. Past it each payload decides for itself.
const maxRemembered = 256

// holder is the edition that counts, and when it was last told.
type holder struct {
	rank int
	last time.Time
}

// survey notes which editions a metric is, before anything is read: the first listed may come last.
func (g *group) survey(contract *policy.Policy, scope string, in pmetric.Metric) {
	views, instrument := contract.ViewsOn(in.Name())
	edition, there := contract.EditionOf[instrument]
	if !there || !feedsAny(views, scope, in) {
		return
	}
	if g.editions == nil {
		g.editions = map[policy.Measured]uint64{}
	}
	told := func(attributes pcommon.Map) {
		g.editions[edition.Of.Measured(scope, attributes)] |= 1 << edition.Rank
	}
	switch in.Type() {
	case pmetric.MetricTypeSum:
		for _, point := range in.Sum().DataPoints().All() {
			if _, _, refused := valueOf(point, in.Sum().IsMonotonic()); !refused {
				told(point.Attributes())
			}
		}
	case pmetric.MetricTypeGauge:
		for _, point := range in.Gauge().DataPoints().All() {
			if _, _, refused := valueOf(point, false); !refused {
				told(point.Attributes())
			}
		}
	case pmetric.MetricTypeHistogram:
		for _, point := range in.Histogram().DataPoints().All() {
			if _, refused := refuseHistogram(point); !refused {
				told(point.Attributes())
			}
		}
	}
}

func feedsAny(views []*policy.View, scope string, in pmetric.Metric) bool {
	for _, view := range views {
		if _, wrong := refusal(view, in); !wrong && view.TakesFrom(scope) {
			return true
		}
	}
	return false
}

// choose decides which edition of each of the payload's measurements counts.
//
// What counted before goes on as long as it is told, and for the expiration after that: a sender that begins to tell
// another edition, too, or splits them over payloads, sees no figure fall or doubled. Else the first listed counts.
func (g *group) choose(now time.Time, expiration time.Duration) {
	if len(g.editions) == 0 {
		return
	}
	g.counting = make(map[policy.Measured]int, len(g.editions))
	known := g.instance
	known.mu.Lock()
	defer known.mu.Unlock()
	for key, told := range g.editions {
		held, there := known.holders[key]
		switch {
		case there && told&(1<<held.rank) != 0:
			held.last = now
		case !there || now.Sub(held.last) >= expiration:
			held = holder{bits.TrailingZeros64(told), now}
		}
		g.counting[key] = held.rank
		known.remember(key, held, now, expiration)
	}
}

// remember keeps which edition counts. Under the instance's lock.
func (i *instance) remember(key policy.Measured, held holder, now time.Time, expiration time.Duration) {
	if _, there := i.holders[key]; !there && len(i.holders) >= maxRemembered {
		for old, each := range i.holders {
			if now.Sub(each.last) >= expiration {
				delete(i.holders, old)
			}
		}
		if len(i.holders) >= maxRemembered {
			return
		}
	}
	if i.holders == nil {
		i.holders = map[policy.Measured]holder{}
	}
	i.holders[key] = held
}

// editionOf tells the reader of a metric which of its points count under another edition.
func (g *group) editionOf(contract *policy.Policy, scope, instrument string) *editionReader {
	edition, there := contract.EditionOf[instrument]
	if !there {
		return nil
	}
	return &editionReader{edition, scope, g.counting}
}

type editionReader struct {
	policy.Edition
	scope    string
	counting map[policy.Measured]int
}

// isDuplicate tells whether a point with these attributes counts under another edition.
func (e *editionReader) isDuplicate(attributes pcommon.Map) bool {
	if e == nil {
		return false
	}
	rank, there := e.counting[e.Of.Measured(e.scope, attributes)]
	return there && rank != e.Rank
}
