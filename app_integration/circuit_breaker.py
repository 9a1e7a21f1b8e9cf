"""Circuit breakers: which of its three states each is in. For pybreaker a listener, for others a function."""

from typing import TYPE_CHECKING, Literal

from opentelemetry.metrics import get_meter

if TYPE_CHECKING:
    from pybreaker import CircuitBreaker, CircuitBreakerListener, CircuitBreakerState
else:
    try:
        from pybreaker import CircuitBreakerListener
    except ImportError:  # without pybreaker the function is all there is
        CircuitBreakerListener = object

State = Literal["open", "half_open", "closed"]

_state = get_meter("techsapo.circuit_breaker").create_gauge(
    "techsapo.circuit_breaker.state", unit="1", description="1 for the state that a circuit breaker is in."
)


def record_breaker_state(service: str, state: State) -> None:
    """The breaker before `service` is in `state` from now on; the two others are 0 from then on."""
    _state.set(1, {"service": service, "state": state})


class BreakerListener(CircuitBreakerListener):
    """Records the states of a pybreaker: `CircuitBreaker(listeners=[BreakerListener("openai")])`.

    A breaker says nothing when it is made: it is closed until it says otherwise. One that keeps its state elsewhere
    (pybreaker's Redis storage) may begin in another: give that as `initial`.
    """

    def __init__(self, service: str, initial: State = "closed") -> None:
        self._service = service
        record_breaker_state(service, initial)

    def state_change(
        self, cb: "CircuitBreaker", old_state: "CircuitBreakerState | None", new_state: "CircuitBreakerState"
    ) -> None:
        """Record the new state."""
        del cb, old_state
        name = new_state.name.replace("-", "_")
        record_breaker_state(self._service, name)  # type: ignore[arg-type]  # pybreaker has these three names
