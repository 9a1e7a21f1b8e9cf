"""A script that tells of itself all it can; the telemetry starts before or after what it tells by is imported."""

import sys


def start() -> None:
    """Start the telemetry."""
    import telemetry

    telemetry.start()


if __name__ == "__main__":
    if sys.argv[1] == "first":
        start()

    import functools
    import queue

    import pybreaker

    from app_integration.cache import count_cache_request, watch_lru_cache
    from app_integration.circuit_breaker import BreakerListener, record_breaker_state
    from app_integration.connections import connection, watch_connections
    from app_integration.errors import count_error
    from app_integration.queues import watch_queue
    from app_integration.security import count_auth_attempt, count_rate_limit_hit, count_sanitized

    jobs: queue.Queue[int] = queue.Queue()
    jobs.put(1)
    cached = functools.lru_cache(abs)
    watch_queue("jobs", jobs)
    watch_connections("smtp", lambda: 2)
    watch_lru_cache("memory", cached.cache_info)
    breaker = pybreaker.CircuitBreaker(listeners=[BreakerListener("openai")])
    record_breaker_state("mysql", "half_open")

    if sys.argv[1] == "last":
        start()

    cached(1)
    count_error(ValueError(), service="script")
    count_auth_attempt("success", "mtls")
    count_rate_limit_hit("/items/{id}", "10.1.2.3")
    count_sanitized("xss", blocked=True)
    count_cache_request("redis", hit=True)
    with connection("smtp"):
        pass
