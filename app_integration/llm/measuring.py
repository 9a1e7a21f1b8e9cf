"""Methods of an SDK that send a request, measured: what they return and raise stays what it is."""

import functools
from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

from app_integration.llm.watch import Watch

P = ParamSpec("P")
R = TypeVar("R")

# Begins a call by the arguments of the method; None where they ask no model to answer. It does not raise.
Begin = Callable[P, Watch | None]
# Reads what the method returned, now or later, and ends the call. It does not raise.
Follow = Callable[[Watch, R], None]


def measured(begin: Begin[P], follow: Follow[R], original: Callable[P, R]) -> Callable[P, R]:
    """Wrap a method that returns once an answer, or its beginning, is there."""

    @functools.wraps(original)
    def asked(*args: P.args, **kwargs: P.kwargs) -> R:
        if (watch := begin(*args, **kwargs)) is None:
            return original(*args, **kwargs)
        try:
            returned = original(*args, **kwargs)
        except BaseException as error:
            watch.end(error)
            raise
        follow(watch, returned)
        return returned

    return asked


def measured_async(
    begin: Begin[P], follow: Follow[R], original: Callable[P, Awaitable[R]]
) -> Callable[P, Awaitable[R]]:
    """Wrap a method that has to be awaited."""

    @functools.wraps(original)
    async def asked(*args: P.args, **kwargs: P.kwargs) -> R:
        if (watch := begin(*args, **kwargs)) is None:
            return await original(*args, **kwargs)
        try:
            returned = await original(*args, **kwargs)
        except BaseException as error:
            watch.end(error)
            raise
        follow(watch, returned)
        return returned

    return asked


def put(replacements: dict[str, Callable[..., object]], holder: type) -> Callable[[], None]:
    """Put methods in place of a class' own; return what gives back what was there."""
    originals = {name: getattr(holder, name) for name in replacements}
    for name, replacement in replacements.items():
        setattr(holder, name, replacement)

    def restore() -> None:
        for name, original in originals.items():
            setattr(holder, name, original)

    return restore
