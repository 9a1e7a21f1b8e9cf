"""Amounts: only exact int and float are added; all else is converted first or refused."""

import contextlib
import decimal
import numbers

# So many times smaller than the largest float that no sum of measurements can reach infinity.
LARGEST = 1e290
# For the same reason: the price of a token is far below it.
LARGEST_FACTOR = 1e9


def exact(amount: object) -> int | float | None:
    """Return `amount` as an exact int or float; None when it is no real number.

    Subclasses may override arithmetic with Python code, in the midst of which threads switch: their
    underlying value is taken, none of their methods is called.
    """
    # isinstance() believes what an object says of its class: mocks and proxies lie, and then have no float within.
    with contextlib.suppress(Exception):
        if isinstance(amount, float):
            return float.__float__(amount)
        if isinstance(amount, int):
            return int.__int__(amount)
    with contextlib.suppress(Exception):  # a number type of the application's may raise anything
        if isinstance(amount, numbers.Integral):
            return int(amount)
        if isinstance(amount, (numbers.Real, decimal.Decimal)):
            return float(amount)
    return None


def why_refused(amount: object, *, negative_allowed: bool) -> tuple[str, str]:
    """Tell the reason for refusing an amount, and what would be right."""
    number = exact(amount)
    if number is None:
        return f"an amount of type {type(amount).__name__}", "a finite int or float is needed"
    if number != number:  # NaN is what differs from itself
        return "an amount of NaN", "a finite int or float is needed"
    if abs(number) > LARGEST:
        return "an infinite or too large amount", f"at most {LARGEST:g} is added"
    if not negative_allowed and number < 0:
        return "a negative amount", "counters and histograms only take amounts from 0 up"
    return "an amount that cannot be added", "a finite int or float is needed"
