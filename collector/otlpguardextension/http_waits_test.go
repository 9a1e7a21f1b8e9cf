package otlpguardextension

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net/http"
	"testing"
	"time"
)

// held sends a body that the receiver has read, and is not done with until `hold` is closed.
func (g *guarded) held(url string, inner *receiver, body []byte) chan int {
	g.t.Helper()
	done := make(chan int, 1)
	go func() {
		code, _ := post(context.Background(), url, protobuf, bytes.NewReader(body))
		done <- code
	}()
	within(g.t, inner.read)
	return done
}

// While as many large bodies are in work as may be, or as fit, another waits; a small one does not.
func TestALargeBodyWaitsForOthers(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"max_concurrent":    func(c *Config) { c.MaxConcurrent = 1 },
		"decoded_limit_mib": func(c *Config) { c.DecodedLimitMiB = 10 },
	} {
		t.Run(name, func(t *testing.T) {
			g := newGuarded(t, change)
			hold := make(chan struct{})
			server, inner := g.serve(hold)
			url, body := server.URL+"/v1/logs", encoded(t, logs(3<<20))
			first := g.held(url, inner, body)
			waits := make(chan int, 1)
			go func() {
				code, _ := post(context.Background(), url, protobuf, bytes.NewReader(body))
				waits <- code
			}()
			small := g.held(url, inner, encoded(t, logs(1)))
			select {
			case code := <-waits:
				t.Errorf("it did not wait, and got %d", code)
			case <-inner.read:
				t.Error("it did not wait")
			default:
			}
			close(hold)
			within(t, inner.read)
			if got := [3]int{within(t, first), within(t, waits), within(t, small)}; got != [3]int{200, 200, 200} {
				t.Errorf("got %v", got)
			}
		})
	}
}

// Where the others are not done in time, the sender is told to try again; one that has gone is not counted.
func TestALargeBodyDoesNotWaitForever(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"max_concurrent":    func(c *Config) { c.MaxConcurrent = 1 },
		"decoded_limit_mib": func(c *Config) { c.DecodedLimitMiB = 10 },
	} {
		t.Run(name, func(t *testing.T) {
			g := newGuarded(t, func(c *Config) {
				change(c)
				c.MaxWait = 100 * time.Millisecond
			})
			hold := make(chan struct{})
			server, inner := g.serve(hold)
			url, body := server.URL+"/v1/logs", encoded(t, logs(3<<20))
			first := g.held(url, inner, body)
			code, said := post(t.Context(), url, protobuf, bytes.NewReader(body))
			if code != http.StatusServiceUnavailable || said != answers[reasonBusy].message {
				t.Errorf("got %d %s", code, said)
			}
			close(hold)
			within(t, first)
			if got := g.refused(); !maps.Equal(got, map[string]int64{"busy": 1}) {
				t.Errorf("figures are %v", got)
			}
			g.checkFree(1)
		})
	}
}

// A sender that has gone while it waited was not refused.
func TestASenderThatHasGoneIsNotCounted(t *testing.T) {
	g := newGuarded(t, func(c *Config) { c.DecodedLimitMiB = 10 })
	hold := make(chan struct{})
	server, inner := g.serve(hold)
	url, body := server.URL+"/v1/logs", encoded(t, logs(3<<20))
	first := g.held(url, inner, body)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if code, _ := post(ctx, url, protobuf, bytes.NewReader(body)); code != 0 {
		t.Errorf("got %d", code)
	}
	close(hold)
	within(t, first)
	server.Close()
	if got := g.refused(); len(got) > 0 {
		t.Errorf("figures are %v", got)
	}
	g.checkFree(4)
}

// A body that does not come is not waited for longer than may be: others can be received again. One that has come may be
// processed for longer.
func TestASlowBodyIsGivenUp(t *testing.T) {
	g := newGuarded(t, func(c *Config) { c.ReadTimeout, c.MaxConcurrent = 100*time.Millisecond, 2 })
	hold := make(chan struct{})
	server, inner := g.serve(hold)
	url, body := server.URL+"/v1/logs", encoded(t, logs(1<<20))
	first := g.held(url, inner, body)
	stalls, rest := io.Pipe()
	defer func() { _ = rest.Close() }()
	code, said := post(t.Context(), url, protobuf, io.MultiReader(bytes.NewReader(body[:smallBody*2]), stalls))
	if code != http.StatusServiceUnavailable || said != answers[reasonSlow].message {
		t.Errorf("got %d %s", code, said)
	}
	second := g.held(url, inner, body)
	close(hold)
	if got := [2]int{within(t, first), within(t, second)}; got != [2]int{200, 200} {
		t.Errorf("got %v", got)
	}
	if got := g.refused(); !maps.Equal(got, map[string]int64{"slow": 1}) {
		t.Errorf("figures are %v", got)
	}
	g.checkFree(2)
}
