"""The hot path: a record function compiled for each instrument, one look-up and then only additions.

Why no count is lost without a lock: CPython switches threads only where bytecode calls a function or jumps backwards.
The generated code makes its calls first; what follows is subscripts, additions and comparisons of exact ints and
floats, which no other thread can interrupt. Interpreters without a global lock get the same code under a lock.
"""

import sys
from bisect import bisect_left
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from types import MappingProxyType
from typing import Protocol, cast

from opentelemetry.context import Context

from telemetry.contract import Take
from telemetry.engine.amounts import LARGEST, exact, why_refused
from telemetry.engine.one_hot import set_one
from telemetry.engine.plan import Plan
from telemetry.engine.refusals import Refusals
from telemetry.engine.series import FIRST_BUCKET, MAX, MIN, SUM, Number
from telemetry.engine.sources import context_value

_EMPTY: Mapping[str, object] = MappingProxyType({})

GLOBAL_LOCK = getattr(sys, "_is_gil_enabled", lambda: True)()


class Record(Protocol):
    """Add one measurement; never raises."""

    def __call__(self, amount: float, attributes: object = None, context: Context | None = None) -> None:
        """Add `amount` to the series that `attributes` and `context` select."""


# Empty, or one lock: in a list, because the child of a fork needs a fresh one in functions that are compiled.
Locks = list[AbstractContextManager[object]]


def compile_record(plan: Plan, refusals: Refusals, locks: Locks) -> Record:
    """Compile the function that records one measurement of an instrument."""
    if any(operation.metric.one_hot for operation in plan.operations):
        return _one_hot(plan, refusals)
    source = "\n".join(
        (
            "def record(amount, attributes=None, context=None):",
            *_checked("return convert(amount, attributes, context)", plan),
            *(("    if attributes is None:", "        attributes = EMPTY") if plan.attributes else ()),
            "    try:",
            f"        steps = fast[{_key(plan)}]",
            "    except Exception:",
            "        steps = resolve(attributes, context, amount)",
            *_updates(plan, locked=bool(locks)),
        )
    )

    def convert(amount: object, attributes: object, context: Context | None) -> None:
        number = accepted(amount, plan, refusals)
        if number is not None:
            record(number, attributes, context)

    record = cast(Record, _compile(source, plan, locks, convert))
    return record


def _one_hot(plan: Plan, refusals: Refusals) -> Record:
    def record(amount: float, attributes: object = None, context: Context | None = None) -> None:
        number = accepted(amount, plan, refusals)
        if number is None:
            return
        raw = plan.raw(attributes, context)
        for operation in plan.operations:  # of one-hot metrics only: the contract sees to it
            labels = operation.labels(raw)
            limited = labels is not None and set_one(operation, labels, number)
            plan.resolved((operation.metric.name,) if limited else ())

    return record


def compile_bound(
    plan: Plan, record: Record, attributes: object, locks: Locks, own: list[object]
) -> Callable[[float], None]:
    """Compile the function of a bound instrument: its steps are kept in `own`, which a fork empties."""
    source = "\n".join(
        (
            "def record(amount):",
            *_checked("return convert(amount)", plan),
            "    try:",
            "        steps = own[0]",
            "    except IndexError:",
            "        return unresolved(amount)",
            *_updates(plan, locked=bool(locks)),
        )
    )
    kept = plan.kept(attributes)

    def convert(amount: float) -> None:
        record(amount, kept)

    if plan.context_keys or any(operation.metric.one_hot for operation in plan.operations):
        return convert

    def unresolved(amount: Number) -> None:
        record(amount, kept)
        entry = plan.find(kept, None, amount)
        if not entry.overflow:
            own.append(entry.unpacked)

    return _compile(source, plan, locks, convert, own=own, unresolved=unresolved)


def accepted(amount: object, plan: Plan, refusals: Refusals) -> Number | None:
    """Convert an amount to an exact number, or refuse it: say so once, count it, return None."""
    number = exact(amount)
    low = -LARGEST if plan.kind.negative_allowed else 0
    if number is not None and low <= number <= LARGEST:
        return number
    reason, advice = why_refused(amount, negative_allowed=plan.kind.negative_allowed)
    refusals.count(reason, plan.instrument, advice)
    return None


def _checked(otherwise: str, plan: Plan) -> tuple[str, ...]:
    # Each type is compared with bounds of its own: comparing an int with a float costs as much as the look-up.
    largest = int(LARGEST)
    low, low_int = (repr(-LARGEST), repr(-largest)) if plan.kind.negative_allowed else ("0.0", "0")
    return (
        "    kind = type(amount)",
        "    if kind is float:",
        f"        if not {low} <= amount <= {LARGEST!r}:",
        f"            {otherwise}",
        f"    elif kind is not int or not {low_int} <= amount <= {largest}:",
        f"        {otherwise}",
    )


def _key(plan: Plan) -> str:
    parts = [f"attributes.get({name!r})" for name in plan.attributes]
    parts += [f"from_context({key!r}, context)" for key in plan.context_keys]
    if len(parts) == 1:
        return parts[0]
    return ", ".join(parts) or "()"


def _updates(plan: Plan, *, locked: bool) -> tuple[str, ...]:
    names: list[str] = []
    calls: list[str] = []
    changes: list[str] = []
    for number, operation in enumerate(plan.operations):
        cell, weighed = f"cell{number}", operation.weighed
        names += [cell, f"factor{number}"] if weighed else [cell]
        match operation.take:
            case Take.SUM:
                changes.append(f"{cell}[0] += amount * factor{number}" if weighed else f"{cell}[0] += amount")
            case Take.COUNT:
                changes.append(f"{cell}[0] += 1")
            case Take.LAST:
                changes.append(f"{cell}[0] = amount")
            case Take.DISTRIBUTION:
                calls.append(f"bucket{number} = bisect(boundaries[{number}], amount) + {FIRST_BUCKET}")
                changes += (
                    f"{cell}[bucket{number}] += 1",
                    f"{cell}[{SUM}] += amount",
                    f"if amount < {cell}[{MIN}]: {cell}[{MIN}] = amount",
                    f"if amount > {cell}[{MAX}]: {cell}[{MAX}] = amount",
                )
    unpack = f"{', '.join(names)} = steps"
    body = [
        unpack,
        *calls,
        *(["with locks[0]:"] if locked else []),
        *(f"    {line}" if locked else line for line in changes),
    ]
    return tuple(f"    {line}" for line in body)


def _compile(
    source: str, plan: Plan, locks: Locks, convert: Callable[..., None], **more: object
) -> Callable[..., None]:
    namespace: dict[str, object] = {
        "EMPTY": _EMPTY,
        "bisect": bisect_left,
        "boundaries": [list(operation.metric.boundaries) for operation in plan.operations],
        "convert": convert,
        "fast": plan.fast,
        "from_context": context_value,
        "locks": locks,
        "resolve": plan.resolve,
        **more,
    }
    exec(compile(source, f"<record {plan.instrument}>", "exec"), namespace)  # noqa: S102  # the source holds only names from the contract, as literals
    return cast(Callable[..., None], namespace["record"])
