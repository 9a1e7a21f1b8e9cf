"""Measurements of every kind, made as an app and its libraries make them."""

from opentelemetry.metrics import MeterProvider, Observation

_REQUEST = {"http.request.method": "GET", "http.route": "/users/{user_id}", "url.scheme": "http"}
_CALL = {"gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-5"}


def record(provider: MeterProvider) -> None:
    """Feed counters, gauges and histograms, with and without labels, a weight and a ratio among them."""
    meter = provider.get_meter("tests")
    duration = meter.create_histogram("http.server.request.duration", "s")
    for status in (200, 200, 404, 500):
        duration.record(0.003 * status, {**_REQUEST, "http.response.status_code": status})
    size = meter.create_histogram("http.server.request.body.size", "By")
    size.record(300)
    size.record(3_000_000)
    tokens = meter.create_histogram("gen_ai.client.token.usage", "{token}")
    tokens.record(1_200, {**_CALL, "gen_ai.token.type": "input"})
    tokens.record(34, {**_CALL, "gen_ai.token.type": "output"})
    active = meter.create_up_down_counter("http.server.active_requests")
    active.add(3)
    active.add(-1)
    cache = meter.create_counter("techsapo.cache.requests")
    cache.add(3, {"cache_type": "analysis", "result": "hit"})
    cache.add(1, {"cache_type": "analysis", "result": "miss"})
    meter.create_gauge("techsapo.circuit_breaker.state").set(1, {"service": "openai", "state": "open"})
    meter.create_observable_gauge("techsapo.memory.usage", [lambda _: [Observation(2**40, {"component": "cache"})]])
    meter.create_counter("techsapo.wallbounce.requests").add(
        7, {"task_type": "basic", "provider": 'quo"ted', "status": "success"}
    )
