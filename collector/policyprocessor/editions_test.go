package policyprocessor

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pmetric"
)

const (
	llmInference = "gen_ai.client.inference.operation.duration"
	llmNewest    = "gen_ai.client.inference.duration"
	llmTokens    = "gen_ai.client.token.usage"
	llmInput     = "gen_ai.client.inference.usage.input_tokens"
	llmOutput    = "gen_ai.client.inference.usage.output_tokens"
	llmCalls     = "techsapo_llm_requests_total"
)

// named gives the scope of the payload's last metrics a name.
func (p payload) named(scope string) payload {
	scopes := p.ResourceMetrics().At(p.ResourceMetrics().Len() - 1).ScopeMetrics()
	scopes.At(scopes.Len() - 1).Scope().SetName(scope)
	return p
}

// scoped goes on with another scope of the same instance.
func (p payload) scoped(name string) payload {
	return payload{p.Metrics, p.ResourceMetrics().At(0).ScopeMetrics().AppendEmpty().Metrics()}.named(name)
}

// called adds so many calls under the name of an edition.
func (p payload) called(name string, calls uint64, operation any) payload {
	return p.observed(name, llmBounds, chat(operation), calls)
}

// chat are the attributes of a call; an operation of nil is missing.
func chat(operation any) labels {
	attributes := labels{"gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-5"}
	if operation != nil {
		attributes["gen_ai.operation.name"] = operation
	}
	return attributes
}

// calls returns how many calls come out of a payload, whatever their labels.
func (b *bench) calls(in payload) float64 {
	total := 0.0
	for series, value := range b.send(in.Metrics) {
		if strings.Contains(series, llmCalls) {
			total += value
		}
	}
	return total
}

func (b *bench) duplicates(want int64) {
	b.Helper()
	if got := b.told("refused_points", "reason"); !maps.Equal(got, map[string]int64{string(reasonEdition): want}) {
		b.Errorf("refused %v, want %d duplicates", got, want)
	}
}

// A sender that knows one edition is counted, whichever it is.
func TestEveryEditionCountsAlone(t *testing.T) {
	for _, name := range []string{llmDuration, llmInference, llmNewest, "Gen_AI.Client.Inference.Duration"} {
		b := newBench(t, nil)
		if got := b.calls(one().called(name, 3, "chat")); got != 3 {
			t.Errorf("%s gives %v calls", name, got)
		}
		if got := b.told("refused_points", "reason"); len(got) != 0 {
			t.Errorf("refused %v", got)
		}
	}
}

// Of several in one payload the first listed counts, in whichever order they come; the others are told as refused.
func TestTheFirstListedEditionCounts(t *testing.T) {
	for _, names := range [][]string{{llmDuration, llmNewest}, {llmNewest, llmDuration}} {
		b := newBench(t, nil)
		in := one()
		for _, name := range names {
			in.called(name, map[string]uint64{llmDuration: 3, llmNewest: 4}[name], "chat")
		}
		if got := b.calls(in); got != 3 {
			t.Errorf("%v give %v calls", names, got)
		}
		b.duplicates(1)
	}
}

// The counters of tokens come as integers, each with the type that its name tells; beside the histogram they are ignored.
func TestTokensComeAsCounters(t *testing.T) {
	b := newBench(t, nil)
	in := one().counter(llmInput, chat("chat"), 120, 1).counter(llmOutput, chat("chat"), 7, 1)
	in.metrics.At(0).Sum().DataPoints().At(0).SetIntValue(120)
	modality := chat("chat")
	modality["gen_ai.token.modality"] = "audio"
	in.counter(llmInput, modality, 30, 1)
	in.counter("gen_ai.client.inference.usage.cache_read.input_tokens", chat("chat"), 100, 1)
	in.counter("gen_ai.client.inference.usage.reasoning.output_tokens", chat("chat"), 5, 1)
	want := map[string]float64{
		"one techsapo_llm_token_usage_total openai|input|gpt-5":  150,
		"one techsapo_llm_token_usage_total openai|output|gpt-5": 7,
	}
	b.equal(b.send(in.Metrics), want)
	again := newBench(t, nil)
	for kind, tokens := range map[string]float64{"input": 150, "output": 7} {
		told := chat("chat")
		told["gen_ai.token.type"] = kind
		in.histogram(llmTokens, []float64{1}, []uint64{0, 1}, tokens)
		if err := in.metrics.At(in.metrics.Len() - 1).Histogram().DataPoints().At(0).Attributes().FromRaw(told); err != nil {
			t.Fatal(err)
		}
	}
	again.equal(again.send(in.Metrics), want)
	again.duplicates(3)
}

// Two scopes measure two calls; two ScopeMetrics of one name are one scope, in whichever resource of the instance.
func TestScopesCountForThemselves(t *testing.T) {
	b := newBench(t, nil)
	in := one().named("a").called(llmDuration, 1, "chat").scoped("b").called(llmNewest, 2, "chat")
	if got := b.calls(in.scoped("a").called(llmNewest, 4, "chat")); got != 3 {
		t.Errorf("got %v calls", got)
	}
	again := newBench(t, nil)
	in = one().named("a").called(llmNewest, 1, "chat")
	resource := in.ResourceMetrics().AppendEmpty()
	one().named("a").called(llmDuration, 2, "chat").ResourceMetrics().At(0).CopyTo(resource)
	if got := again.calls(in); got != 2 {
		t.Errorf("got %v calls over two resources", got)
	}
}

// A library may have the newest name for one operation, and the older one for those that it was not made for.
func TestOperationsHaveEditionsOfTheirOwn(t *testing.T) {
	b := newBench(t, nil)
	in := one().called(llmNewest, 2, "chat").called(llmDuration, 1, "embeddings").called(llmInference, 2, "chat")
	for _, operation := range []any{nil, 7, strings.Repeat("x", 300), strings.Repeat("y", 300)} {
		in.called(llmNewest, 10, operation).called(llmDuration, 10, operation)
	}
	if got := b.calls(in); got != 3+4*10 {
		t.Errorf("got %v calls", got)
	}
}

// An edition that nothing is taken from does not keep the others out.
func TestAnEditionThatIsRefusedClaimsNothing(t *testing.T) {
	for why, wrong := range map[reason]func(pmetric.Metric){
		reasonDelta: func(in pmetric.Metric) {
			in.Histogram().SetAggregationTemporality(pmetric.AggregationTemporalityDelta)
		},
		reasonBroken: func(in pmetric.Metric) { in.Histogram().DataPoints().At(0).SetCount(99) },
		reasonType:   func(in pmetric.Metric) { in.SetEmptyGauge().DataPoints().AppendEmpty().SetDoubleValue(1) },
	} {
		b := newBench(t, nil)
		in := one().called(llmDuration, 9, "chat").called(llmNewest, 4, "chat")
		wrong(in.metrics.At(0))
		if got := b.calls(in); got != 4 {
			t.Errorf("%s: %v calls", why, got)
		}
		if got := b.told("refused_points", "reason"); !maps.Equal(got, map[string]int64{string(why): 1}) {
			t.Errorf("refused %v, want one for %s", got, why)
		}
	}
	b := newBench(t, nil)
	in := one().counter(llmTokens, chat("chat"), -1, 1).counter(llmInput, chat("chat"), 5, 1)
	b.equal(b.send(in.Metrics), map[string]float64{"one techsapo_llm_token_usage_total openai|input|gpt-5": 5})
}

// A sender that begins to tell the first listed edition as well goes on as before: a figure that fell would be a reset.
func TestWhatCountedGoesOn(t *testing.T) {
	b := newBench(t, nil)
	for at, in := range []payload{
		one().called(llmNewest, 100, "chat"),
		one().called(llmDuration, 1, "chat").called(llmNewest, 101, "chat"),
		one().called(llmNewest, 102, "chat").called(llmDuration, 2, "chat"),
	} {
		if got := b.calls(in); got != float64(100+at) {
			t.Errorf("payload %d gives %v calls", at, got)
		}
		b.now = b.now.Add(60 * time.Second)
	}
	b.duplicates(2)
}

// Editions that come in payloads of their own count once, and the one that goes on alone takes over once the other has
// expired, while the instance lives.
func TestAnEditionThatIsToldNoMoreGivesWay(t *testing.T) {
	b := newBench(t, nil)
	var told []float64
	for range 3 {
		told = append(told, b.calls(one().called(llmInference, 5, "chat")))
		b.now = b.now.Add(50 * time.Second)
	}
	told = append(told, b.calls(one().called(llmDuration, 6, "chat")))
	for range 2 {
		b.now = b.now.Add(50 * time.Second)
		told = append(told, b.calls(one().called(llmDuration, 6, "chat")))
	}
	if got := fmt.Sprint(told); got != "[5 5 5 0 6 6]" {
		t.Errorf("got %s", got)
	}
	b.now = b.now.Add(100 * time.Second)
	if got := b.calls(one().called(llmNewest, 7, "chat")); got != 7 {
		t.Errorf("an instance that has expired is a new one: %v", got)
	}
}

// However many editions a sender tells, in whichever order and from when on: each call counts once, and no figure falls.
func TestCallsCountOnceWhateverEditionsTellThem(t *testing.T) {
	names := []string{llmDuration, llmInference, llmNewest}
	operations := []any{"chat", "embeddings", nil}
	for seed := range uint64(60) {
		choose, b := rand.New(rand.NewPCG(seed, 1)), newBench(t, nil)
		began := map[string]int{} // the editions of each scope and operation, as bits: none ever goes
		for calls := uint64(1); calls <= 6; calls++ {
			in, want := one(), 0.0
			for _, scope := range []string{"a", "b"} {
				in = in.scoped(scope)
				for _, operation := range operations {
					key := fmt.Sprint(scope, operation)
					began[key] |= 1 << choose.IntN(5) // the last two tell nothing
					for _, at := range choose.Perm(len(names)) {
						if began[key]&(1<<at) != 0 {
							in.called(names[at], calls, operation)
						}
					}
					if began[key]&7 != 0 {
						want += float64(calls)
					}
				}
			}
			if got := b.calls(in); got != want {
				t.Fatalf("seed %d: %v of %v calls", seed, got, want)
			}
			b.now = b.now.Add(time.Minute)
		}
	}
}

// A sender that makes scopes and operations up fills no memory, and is still counted once in each payload.
func TestRememberedEditionsAreBounded(t *testing.T) {
	b := newBench(t, nil)
	for round := range 3 {
		in := one()
		for at := range 2 * maxRemembered {
			made := fmt.Sprint("made up ", round, at)
			in.called(llmNewest, 1, made).called(llmDuration, 1, made)
		}
		if got := b.calls(in); got != 2*maxRemembered {
			t.Errorf("got %v calls", got)
		}
		for _, known := range b.instances.known {
			if len(known.holders) != maxRemembered {
				t.Errorf("%d are remembered", len(known.holders))
			}
			for key, held := range known.holders {
				if round == 2 && b.now.Sub(held.last) > 0 {
					t.Errorf("%v has expired and takes room", key)
				}
			}
		}
		b.now = b.now.Add(80 * time.Second)
	}
}

// Payloads of one instance may come at the same time (under the race detector).
func TestEditionsSideBySide(t *testing.T) {
	b := newBench(t, nil)
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			for range 50 {
				operation := fmt.Sprint(worker % 2)
				in := one().called(llmNewest, 2, operation).called(llmDuration, 2, operation)
				if got := b.calls(in); got != 2 {
					t.Errorf("got %v calls", got)
				}
			}
		})
	}
	all.Wait()
	b.duplicates(8 * 50)
}
