"""Caches: look-ups that found something, and those that did not. The ratio is computed from them when it is read."""

from collections.abc import Callable, Iterable
from typing import Protocol

from opentelemetry.metrics import CallbackOptions, Observation, get_meter

_meter = get_meter("techsapo.cache")

_requests = _meter.create_counter("techsapo.cache.requests", unit="{request}", description="Cache look-ups.")


class CacheInfo(Protocol):
    """What `functools.lru_cache` tells of itself."""

    @property
    def hits(self) -> int:
        """Calls that were answered from the cache."""

    @property
    def misses(self) -> int:
        """Calls that were not."""


def count_cache_request(cache_type: str, *, hit: bool) -> None:
    """A look-up was answered. One that failed is an error instead, since nobody knows what it would have found.

    `cache_type` is a name in lower case, such as `redis`, `memory`, `response` or `embedding`.
    """
    _requests.add(1, {"cache_type": cache_type, "result": "hit" if hit else "miss"})


def watch_lru_cache(cache_type: str, cache_info: Callable[[], CacheInfo]) -> None:
    """Count the look-ups of a function under `functools.lru_cache`: `watch_lru_cache("memory", f.cache_info)`.

    Several under one type add up. The function is kept for ever, so let it be one of a module's. What was counted
    before `cache_clear` stays counted, if a collection finds fewer look-ups than the one before it did.
    """
    hits, misses = _Total(), _Total()

    def observe(_: CallbackOptions) -> Iterable[Observation]:
        info = cache_info()
        yield Observation(hits.of(info.hits), {"cache_type": cache_type, "result": "hit"})
        yield Observation(misses.of(info.misses), {"cache_type": cache_type, "result": "miss"})

    _meter.create_observable_counter(
        "techsapo.cache.requests", [observe], unit="{request}", description="Cache look-ups."
    )


class _Total:
    """A count that begins anew with each clearing, as one that never falls: a sum of several must not seem to."""

    def __init__(self) -> None:
        self._before = self._last = 0

    def of(self, count: int) -> int:
        if count < self._last:
            self._before += self._last
        self._last = count
        return self._before + count
