package policyprocessor

import (
	"fmt"
	"testing"

	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// The cost of a data point with four labels, in a payload of a thousand.
func BenchmarkMetrics(b *testing.B) {
	under := newBench(b, nil)
	in := one()
	for at := range 1000 {
		in.counter("techsapo_llm_requests_total", labels{
			"provider": fmt.Sprintf("p%d", at%10), "model": fmt.Sprintf("m%d", at%25), "status": "success",
			"task_type": []string{"basic", "premium", "critical", "x"}[at/250],
		}, 1, at)
	}
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		fresh := pmetric.NewMetrics()
		in.CopyTo(fresh)
		b.StartTimer()
		if _, err := under.process(b.Context(), fresh); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/point")
}

// The cost of a span of a web server, with nothing personal in it but the client's address.
func BenchmarkTraces(b *testing.B) {
	scrub := newTestScrubber(b, signalTraces)
	in := ptrace.NewTraces()
	spans := in.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans()
	for range 1000 {
		span := spans.AppendEmpty()
		span.SetName("GET /users/{user_id}/orders")
		for key, value := range map[string]any{
			"http.request.method": "GET", "url.path": "/users/12345/orders", "url.scheme": "https", "server.port": 443,
			"server.address": "api.example.com", "http.response.status_code": 200, "client.address": "203.0.113.9",
			"user_agent.original": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0",
			"http.route":          "/users/{user_id}/orders", "network.protocol.version": "1.1",
		} {
			_ = span.Attributes().PutEmpty(key).FromRaw(value)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		fresh := ptrace.NewTraces() // what is masked once has nothing left to mask
		in.CopyTo(fresh)
		b.StartTimer()
		if _, err := scrub.traces(b.Context(), fresh); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/span")
}
