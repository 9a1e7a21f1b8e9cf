package policyprocessor

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// Senders that do not say which instance they are stay apart, and each stays what it was.
func TestASenderWithoutAnInstanceGetsOne(t *testing.T) {
	b := newBench(t, nil)
	ids := map[string]string{}
	for range 2 {
		for _, pid := range []string{"1", "2"} {
			for key := range b.send(from(map[string]any{serviceName: "web", "process.pid": pid}).counter(logins, success, 1, 1).Metrics) {
				id, _, _ := strings.Cut(key, " ")
				if known := ids[pid]; known != "" && known != id {
					t.Errorf("%s was %s and is %s", pid, known, id)
				}
				ids[pid] = id
			}
		}
	}
	if ids["1"] == ids["2"] || !strings.HasPrefix(ids["1"], "hashed-") {
		t.Errorf("got %v", ids)
	}
}

// A name or id with personal data is masked or hashed, and two of them stay apart.
func TestPersonalDataInAResource(t *testing.T) {
	b := newBench(t, nil)
	ids := map[string]bool{}
	for _, id := range []string{"10.0.0.1:8080", "10.0.0.2:8080"} {
		out, err := b.process(t.Context(), from(map[string]any{
			serviceName: "of zoe@example.com", serviceInstance: id, serviceVersion: "192.0.2.1", "user.email": "zoe@example.com",
		}).counter(logins, success, 1, 1).Metrics)
		if err != nil {
			t.Fatal(err)
		}
		attributes := out.ResourceMetrics().At(0).Resource().Attributes()
		ids[textOf(attributes, serviceInstance)] = true
		if textOf(attributes, serviceName) != "of [email]" || textOf(attributes, serviceVersion) != "[ip]" || attributes.Len() != 3 {
			t.Errorf("got %v", attributes.AsRaw())
		}
	}
	if len(ids) != 2 || ids["10.0.0.1:8080"] {
		t.Errorf("got %v", ids)
	}
}

// What is no text tells no name: bytes would come out as Base64, with whatever they hold.
func TestANameThatIsNoText(t *testing.T) {
	b := newBench(t, nil)
	hidden := []byte(address)
	out, err := b.process(t.Context(), from(map[string]any{
		serviceNamespace: hidden, serviceName: hidden, serviceInstance: []any{hidden}, serviceVersion: map[string]any{"a": hidden},
	}).counter(logins, success, 1, 1).Metrics)
	if err != nil {
		t.Fatal(err)
	}
	attributes := out.ResourceMetrics().At(0).Resource().Attributes()
	if textOf(attributes, serviceName) != unknownService || !hashed.MatchString(textOf(attributes, serviceInstance)) || attributes.Len() != 2 {
		t.Errorf("got %v", attributes.AsRaw())
	}
}

// An address as the id is personal data by itself.
func TestAnAddressAsTheInstance(t *testing.T) {
	b := newBench(t, nil)
	for key := range b.send(from(map[string]any{serviceInstance: "10.0.0.1:8080"}).counter(logins, success, 1, 1).Metrics) {
		if !strings.HasPrefix(key, "hashed-") {
			t.Errorf("got %s", key)
		}
	}
}

// Prometheus joins namespace and name to one job: services that would share it by a slash are two instances of it.
func TestServicesThatWouldShareAJob(t *testing.T) {
	b := newBench(t, nil)
	ids := map[string]bool{}
	for _, names := range [][2]string{{"a", "b"}, {"", "a/b"}, {"a", "b/c"}, {"a/b", "c"}} {
		for key := range b.send(from(map[string]any{
			serviceNamespace: names[0], serviceName: names[1], serviceInstance: "1",
		}).counter(logins, success, 1, 1).Metrics) {
			id, _, _ := strings.Cut(key, " ")
			ids[id] = true
		}
	}
	if len(ids) != 4 || !ids["1"] {
		t.Errorf("got %v", ids)
	}
}

// Past the limit of instances points are refused and counted; an instance that has expired makes room.
func TestTheLimitOfInstances(t *testing.T) {
	b := newBench(t, func(config *Config) { config.MaxInstances = 2 })
	send := func(id string) int {
		return len(b.send(from(map[string]any{serviceInstance: id}).counter(logins, success, 1, 1).Metrics))
	}
	if got := []int{send("a"), send("b"), send("c")}; fmt.Sprint(got) != "[1 1 0]" {
		t.Errorf("got %v", got)
	}
	if got := b.told("refused_points", "reason"); got[string(reasonInstances)] != 1 {
		t.Errorf("told %v", got)
	}
	b.now = b.now.Add(60 * time.Second)
	send("b")
	b.now = b.now.Add(60 * time.Second)
	if got := []int{send("c"), send("b"), send("a")}; fmt.Sprint(got) != "[1 1 0]" || b.instances.count() != 2 {
		t.Errorf("got %v, %d known", got, b.instances.count())
	}
}

// A sender of nothing that the contract asks for takes no place.
func TestUnknownMetricsTakeNoPlace(t *testing.T) {
	b := newBench(t, func(config *Config) { config.MaxInstances = 1 })
	unknown := func(id string) payload {
		return from(map[string]any{serviceInstance: id}).counter("unknown_total", success, 1, 1).gauge(ratio, nil, 1)
	}
	b.equal(b.send(unknown("a").Metrics), map[string]float64{})
	in := unknown("b").counter(logins, success, 1, 1)
	if got := b.send(in.Metrics); len(got) != 1 || b.instances.count() != 1 {
		t.Errorf("got %v of %d", got, b.instances.count())
	}
	if got := b.told("unknown_metrics", ""); got[""] != 2 {
		t.Errorf("told %v", got)
	}
}

// Payloads of one instance and of others may come at the same time (under the race detector).
func TestPayloadsSideBySide(t *testing.T) {
	b := newBench(t, nil)
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			for round := range 50 {
				in := from(map[string]any{serviceInstance: fmt.Sprint(worker % 3)})
				in.counter(requests, labels{"provider": fmt.Sprintf("p%d", round)}, 1, round+1)
				if _, err := b.process(t.Context(), in.Metrics); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if b.instances.count() != 3 {
		t.Errorf("%d instances", b.instances.count())
	}
}
