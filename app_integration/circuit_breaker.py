"""Circuit breakers: which of its three states each is in. For pybreaker a listener, for others a function."""

import os
import threading
import weakref
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, Literal

from opentelemetry.metrics import CallbackOptions, Observation, get_meter

if TYPE_CHECKING:
    from pybreaker import CircuitBreaker, CircuitBreakerListener, CircuitBreakerState
else:
    try:
        from pybreaker import CircuitBreakerListener
    except ImportError:  # without pybreaker the function is all there is
        CircuitBreakerListener = object

State = Literal["open", "half_open", "closed"]

# The worst first, as in the contract: of several breakers before one service that one is told.
_STATES: Final = ("open", "half_open", "closed")
# Services that are remembered; the label's limit is less.
_MOST_SERVICES: Final = 100

# Reentrant: a garbage collection within may record a state.
_lock = threading.RLock()
_recorded: dict[str, str] = {}
_listeners: "weakref.WeakSet[BreakerListener]" = weakref.WeakSet()


def record_breaker_state(service: str, state: State) -> None:
    """The breaker before `service` is in `state` from now on; the two others are 0 from then on.

    `service` is a name in lower case.
    """
    with _lock:
        if service in _recorded or len(_recorded) < _MOST_SERVICES:
            _recorded[service] = _named(state)


class BreakerListener(CircuitBreakerListener):
    """Tells the states of a pybreaker: `CircuitBreaker(listeners=[BreakerListener("openai")])`, one for each breaker.

    Of several breakers before one service the worst state is told, and of one that is gone none. A breaker says
    nothing when it is made: it is closed until it says otherwise. One that keeps its state elsewhere (pybreaker's Redis
    storage) may begin in another: give that as `initial`, such as `storage.state`.
    """

    def __init__(self, service: str, initial: State = "closed") -> None:
        self.service = service
        self.state = _named(initial)
        with _lock:
            _listeners.add(self)

    def state_change(
        self, cb: "CircuitBreaker", old_state: "CircuitBreakerState | None", new_state: "CircuitBreakerState"
    ) -> None:
        """Take the new state."""
        del cb, old_state
        self.state = _named(new_state.name)


def _named(state: str) -> str:
    return str(state).replace("-", "_")


def _rank(state: str) -> int:
    return _STATES.index(state) if state in _STATES else len(_STATES)


def _begin_in_child() -> None:
    global _lock  # noqa: PLW0603  # a thread that held it is not in the child
    _lock = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_in_child)


def _observe(_: CallbackOptions) -> Iterable[Observation]:
    """Tell states when they are asked for, and not as they change: they hold whenever the telemetry has begun."""
    with _lock:
        told = [*_recorded.items(), *((listener.service, listener.state) for listener in _listeners)]
    worst: dict[str, str] = {}
    for service, state in told:
        if service not in worst or _rank(state) < _rank(worst[service]):
            worst[service] = state
    for service, state in worst.items():
        yield Observation(1, {"service": service, "state": state})


get_meter("techsapo.circuit_breaker").create_observable_gauge(
    "techsapo.circuit_breaker.state", [_observe], unit="1", description="1 for the state that a circuit breaker is in."
)
