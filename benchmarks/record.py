"""What a record costs, in nanoseconds: a counter and a histogram with 0, 2 and 4 labels, by attributes and bound."""

from benchmarks import peers
from benchmarks.table import OURS, Row
from benchmarks.timing import in_turn

AIM_LABELS = 4.0
AIM_SDK = 15.0


def rows() -> list[Row]:
    """Time all peers."""
    found: list[Row] = []
    for kind in ("counter", "histogram"):
        for labels in (0, 2, 4):
            found += _recorded(kind, labels)
        found.append(_with_dropped_attributes(kind))
    return found


def _recorded(kind: str, labels: int) -> list[Row]:
    ours, client, bound = peers.engine(labels), peers.prometheus(labels), f"{kind}, bound"
    timed = in_turn(
        {
            OURS: ours[kind],
            "bound": ours[bound],
            peers.SDK: peers.stock_sdk(labels)[kind],
            peers.CLIENT: client[kind],
            peers.CHILD: client[bound],
        }
    )
    # Without labels prometheus_client has no labels() to call: its figure is that of a cached child.
    aims = {peers.SDK: AIM_SDK, **({peers.CLIENT: AIM_LABELS} if labels else {})}
    by_attributes = {name: timed[name] for name in (OURS, peers.SDK, *((peers.CLIENT,) if labels else ()))}
    return [
        Row(f"{kind}, {labels} labels", "ns", by_attributes, aims),
        Row(f"{kind}, {labels} labels, bound", "ns", {OURS: timed["bound"], peers.CHILD: timed[peers.CHILD]}, {}),
    ]


def _with_dropped_attributes(kind: str) -> Row:
    timed = in_turn(
        {
            OURS: peers.engine(2, peers.DROPPED)[kind],
            peers.WITHOUT: peers.engine(2)[kind],
            peers.SDK: peers.stock_sdk(2, peers.DROPPED)[kind],
        }
    )
    # "Cost nothing": without the ten attributes it is not faster, but for the machine's noise.
    return Row(f"{kind}, 2 labels, 10 dropped", "ns", timed, {peers.WITHOUT: 0.85, peers.SDK: AIM_SDK})
