"""Alerts on a gauge beside its limit: memory."""

from collections.abc import Iterator

from tests.monitoring.scenes import Fires, Kind, Scene
from tests.monitoring.shapes import Shape, gauge

HOUR, MINUTE, STEP = 3_600.0, 60.0, 15.0
BEGIN, LASTS, KEEPS, MOST = 900.0, 30.0, 120.0, 1e9

ALERT = "MemoryNearLimit"


def _in_process(instance: str, values: tuple[tuple[float, float | None], ...], lanes: str = "ab") -> dict[str, Shape]:
    labels = f'component="process",instance="{instance}"'
    told = {}
    for lane in lanes:
        where = f'{{{labels},lane="{lane}"}}'
        told[f"techsapo_memory_usage_bytes{where}"] = gauge(
            *((seconds, None if share is None else share * MOST) for seconds, share in values)
        )
        told[f"techsapo_memory_limit_bytes{where}"] = gauge(
            *((seconds, None if share is None else MOST) for seconds, share in values)
        )
    return told


def scenes() -> Iterator[Scene]:
    """Give all of them."""
    at = BEGIN + LASTS
    labels = ({"component": "process", "instance": "i1"},)
    full, near = ((BEGIN, 0.5), (HOUR, 0.94)), ((BEGIN, 0.5), (HOUR, 0.86))
    fires: Fires = {at - STEP: (), at: labels, at + HOUR / 2: labels}
    quiet: Fires = {at: (), at + HOUR / 2: ()}
    # Another process with room enough: containers are not added up.
    other = _in_process("i2", ((2 * HOUR, 0.1),))
    yield Scene(Kind.FIRES, ALERT, "one of two processes", _in_process("i1", full) | other, fires)
    container = {name.replace("process", "container"): shape for name, shape in _in_process("i1", full).items()}
    of_it: Fires = {at - STEP: (), at: ({"component": "container", "instance": "i1"},)}
    yield Scene(Kind.OTHER, ALERT, "its container", container, of_it)
    yield Scene(Kind.JUST_UNDER, ALERT, "nearly", _in_process("i1", near) | _in_process("i2", near), quiet)
    # Half a minute is enough to tell, and a peak is not.
    peak = _in_process("i1", ((BEGIN, 0.5), (STEP, 0.99), (HOUR, 0.5)))
    yield Scene(Kind.LITTLE_TRAFFIC, ALERT, "a peak of one sample", peak, quiet)
    yield Scene(
        Kind.RESTART,
        ALERT,
        "of the one that is full",
        _in_process("i1", ((BEGIN, 0.94), (STEP, None), (HOUR, 0.3))),
        {BEGIN - STEP: labels, BEGIN + KEEPS - STEP: labels, BEGIN + KEEPS: (), at + HOUR / 2: ()},
    )
    # Memory that is freed and filled again.
    saw = _in_process("i1", ((BEGIN, 0.5), *((MINUTE, 0.95), (MINUTE, 0.8)) * 30))
    on: Fires = {at - STEP: (), at: labels, **{at + number * MINUTE: labels for number in range(1, 30)}}
    yield Scene(Kind.OTHER, ALERT, "it comes and goes", saw, on)
    yield Scene(
        Kind.MISSING,
        ALERT,
        "gone before it fires",
        _in_process("i1", ((BEGIN, 0.5), (STEP, 0.94), (HOUR, None))),
        quiet,
    )
    unlimited = {name: shape for name, shape in _in_process("i1", full).items() if "usage" in name}
    yield Scene(Kind.MISSING, ALERT, "no limit is told", unlimited, quiet)
    nothing = {
        name: gauge((2 * HOUR, 0)) if "limit" in name else shape for name, shape in _in_process("i1", full).items()
    }
    yield Scene(Kind.OTHER, ALERT, "a limit of nothing is none", nothing, quiet)
    # A limit that was raised is told by one lane sooner than by the other.
    raised = {
        name: gauge((2 * HOUR, MOST / 2)) if "limit" in name and 'lane="b"' in name else shape
        for name, shape in _in_process("i1", near).items()
    }
    yield Scene(Kind.OTHER, ALERT, "the other lane still has a lower limit", raised, quiet)
    # The lane that has lost its senders tells the old figure, then none.
    still = _in_process("i1", ((BEGIN + 90, 0.5), (HOUR, None)), "b")
    yield Scene(Kind.LANE_GONE, ALERT, "before it fires", _in_process("i1", full, "a") | still, fires)
