"""An app of twenty routes, three LLM providers, Redis and MySQL, recording as instrumentations do."""

from opentelemetry.metrics import Meter

from telemetry.context import task_type

ROUTES = tuple(f"/{part}/{{id}}/items" for part in ("users", "orders", "analyses", "files", "teams")) + tuple(
    f"/v{version}/{part}" for version in (1, 2, 3) for part in ("users", "orders", "analyses", "files", "search")
)
_MODELS = {"openai": "gpt-5", "anthropic": "claude-sonnet-4", "gcp.gemini": "gemini-2.5-pro"}
_COMMANDS = ("GET", "SET", "DEL", "EXPIRE", "INCR", "MGET", "TTL", "PING")
_ADDRESSES_A_ROUTE = 5

# The conventions' boundaries, as their instrumentations advise them.
_SERVER = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
_MODEL = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
_DATABASE = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0)


def record(meter: Meter) -> None:
    """Record what such an app has to tell after a while: some hundred series."""
    _serve(meter)
    _analyse(meter)
    _store(meter)


def _serve(meter: Meter) -> None:
    duration = meter.create_histogram("http.server.request.duration", "s", explicit_bucket_boundaries_advisory=_SERVER)
    hits = meter.create_counter("techsapo.rate_limit.hits")
    for number, route in enumerate(ROUTES):
        for method, status in (("GET", 200), ("GET", 404), ("POST", 201), ("POST", 500)):
            sent: dict[str, str | int] = {
                "http.request.method": method,
                "http.route": route,
                "http.response.status_code": status,
            }
            for seconds in (0.004, 0.03, 0.2, 1.2):
                duration.record(seconds, sent)
        for client in range(_ADDRESSES_A_ROUTE):
            hits.add(3, {"http.route": route, "client.address": f"203.0.{number}.{client}"})
    meter.create_up_down_counter("http.server.active_requests").add(4)


def _analyse(meter: Meter) -> None:
    duration = meter.create_histogram(
        "gen_ai.client.operation.duration", "s", explicit_bucket_boundaries_advisory=_MODEL
    )
    tokens = meter.create_histogram("gen_ai.client.token.usage", "{token}")
    for provider, model in _MODELS.items():
        call = {"gen_ai.provider.name": provider, "gen_ai.request.model": model}
        for kind in ("basic", "premium", "critical"):
            with task_type(kind):
                duration.record(2.5, call)
                duration.record(30.0, {**call, "error.type": "timeout"})
        for direction in ("input", "output"):
            tokens.record(1_200, {**call, "gen_ai.token.type": direction})


def _store(meter: Meter) -> None:
    duration = meter.create_histogram(
        "db.client.operation.duration", "s", explicit_bucket_boundaries_advisory=_DATABASE
    )
    for command in _COMMANDS:
        duration.record(0.002, {"db.system.name": "redis", "db.operation.name": command})
    for statement in ("SELECT", "INSERT", "UPDATE", "DELETE"):
        duration.record(0.004, {"db.system.name": "mysql", "db.operation.name": statement})
    cache = meter.create_counter("techsapo.cache.requests")
    for kind in ("redis", "response"):
        for result in ("hit", "miss"):
            cache.add(5, {"cache_type": kind, "result": result})
