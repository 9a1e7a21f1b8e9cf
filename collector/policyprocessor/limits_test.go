package policyprocessor

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// 100 providers give 16 and other, their sum kept; the earliest are admitted whatever the order of the payload, and
// known ones always.
func TestALabelsLimit(t *testing.T) {
	b := newBench(t, nil)
	in := one()
	for _, at := range rand.Perm(100) {
		name := fmt.Sprintf("p%02d", 99-at) // by their names the last would be first
		in.counter(requests, labels{"task_type": "basic", "provider": name, "status": "success"}, 1, 1000+at)
	}
	want := map[string]float64{"one " + requests + " basic|other|success": 84}
	for at := range 16 {
		want[fmt.Sprintf("one %s basic|p%02d|success", requests, 99-at)] = 1
	}
	b.equal(b.send(in.Metrics), want)
	late := one().counter(requests, labels{"task_type": "basic", "provider": "openai", "status": "success"}, 1, 5).
		counter(requests, labels{"task_type": "basic", "provider": "p00", "status": "success"}, 2, 5)
	b.equal(b.send(late.Metrics), map[string]float64{
		"one " + requests + " basic|openai|success": 1, "one " + requests + " basic|other|success": 2,
	})
	if got := b.told("overflow_points", "metric"); got[requests] != 85 {
		t.Errorf("%v overflowed", got)
	}
}

// Past a metric's limit of series whole label sets become other; buckets of addresses never do.
func TestAMetricsLimitOfSeries(t *testing.T) {
	b := newBench(t, nil)
	b.policy.ByName[hits].SeriesLimit = 3
	in := one()
	for at := range 5 {
		in.counter(hits, labels{"endpoint": "/a", "client_ip": fmt.Sprintf("v4-%02x", at)}, 1, 1+at)
	}
	b.equal(b.send(in.Metrics), map[string]float64{
		"one " + hits + " /a|v4-00": 1, "one " + hits + " /a|v4-01": 1, "one " + hits + " /a|v4-02": 1,
		"one " + hits + " other|v4-03": 1, "one " + hits + " other|v4-04": 1,
	})
}

// However often and in whatever order a growing set of series is sent, no series ever falls and the sum is kept.
func TestNoSeriesEverFalls(t *testing.T) {
	b := newBench(t, nil)
	before := map[string]float64{}
	type series struct {
		provider string
		status   string
		start    int
	}
	sent := map[series]float64{}
	total := 0.0
	for round := range 60 {
		for range 5 {
			each := series{fmt.Sprintf("p%d", rand.IntN(2+round)), "success", 0}
			if rand.IntN(2) == 0 {
				each.status = "error"
			}
			for known := range sent {
				if known.provider == each.provider && known.status == each.status {
					each = known
				}
			}
			if each.start == 0 {
				each.start = round*100 + rand.IntN(100) + 1
			}
			sent[each]++
			total++
		}
		in := one()
		for each, value := range sent {
			in.counter(requests, labels{"task_type": "basic", "provider": each.provider, "status": each.status}, value, each.start)
		}
		now, sum := b.send(in.Metrics), 0.0
		for key, value := range now {
			sum += value
			if value < before[key] {
				t.Fatalf("round %d: %s fell from %v to %v", round, key, before[key], value)
			}
		}
		for key := range before {
			if _, there := now[key]; !there {
				t.Fatalf("round %d: %s is gone", round, key)
			}
		}
		if sum != total {
			t.Fatalf("round %d: %v came out of %v", round, sum, total)
		}
		before = now
	}
}

// A hundred thousand addresses are at most 515 values, and their sum is the number of hits.
func TestAddressesAreBounded(t *testing.T) {
	b := newBench(t, nil)
	in := one().counter(hits, labels{"endpoint": "/a", "client_ip": "not an address"}, 1, 1)
	points := in.metrics.At(0).Sum().DataPoints()
	for at := range 100_000 {
		address := fmt.Sprintf("%d.%d.%d.%d", 1+at%223, at/223%256, at%251, at%13)
		if at%3 == 0 {
			address = fmt.Sprintf("2001:db8:%x:%x::1", at%65536, at/7)
		}
		number(points.AppendEmpty(), labels{"endpoint": "/a", "client_ip": address}, 1, 1)
	}
	got, sum := b.send(in.Metrics), 0.0
	for _, value := range got {
		sum += value
	}
	if len(got) > 515 || len(got) < 500 || sum != 100_001 {
		t.Errorf("%d series of %v", len(got), sum)
	}
}
