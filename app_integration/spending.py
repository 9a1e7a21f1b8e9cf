"""What calls of LLM providers cost, told to whoever keeps an account of it: an analysis, a budget."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from opentelemetry.context import Context, get_value, set_value

_logger = logging.getLogger(__name__)

_ACCOUNT_KEY = "techsapo.account"


@dataclass(frozen=True, slots=True)
class Spent:
    """The cost of one call, in pico-dollars (1e-12 USD), and the context that it began in."""

    picodollars: int
    provider: str
    model: str
    context: Context


Listener = Callable[[Spent], None]

# By an object of each subscription's own, in their order: to set, to remove and to copy is atomic each.
_listeners: dict[object, Listener] = {}


def subscribe(listener: Listener) -> Callable[[], None]:
    """Have `listener` told of every call from now on, in the thread that the call ends in; return what ends that.

    It must not block, nor wait for a lock: a call may end in a garbage collection. What it raises is logged and reaches
    nobody.
    """
    subscription = object()
    _listeners[subscription] = listener

    def unsubscribe() -> None:
        _listeners.pop(subscription, None)

    return unsubscribe


def on_account_of(listener: Listener | None, context: Context | None = None) -> Context:
    """Return a context (the current one with this in it) in which calls that begin are told to `listener`, too."""
    return set_value(_ACCOUNT_KEY, listener, context)


def account_of(context: Context) -> Listener | None:
    """Return who keeps the account in a context, None where nobody does."""
    return cast("Listener | None", get_value(_ACCOUNT_KEY, context))


def tell(spent: Spent) -> None:
    """Tell the account of the call's context and all who have subscribed; never raises."""
    account = account_of(spent.context)
    subscribed = tuple(_listeners.values())
    for listener in subscribed if account is None else (account, *subscribed):
        try:
            listener(spent)
        except Exception:  # an account must not break the call that it is told of
            _logger.exception("What a call cost could not be put to an account")
