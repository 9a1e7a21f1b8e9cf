"""Measure the Collector beside the plain pipeline: both run at the same time and are loaded in turn."""

import math
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.collector import logs, metrics, spans
from benchmarks.collector.comparison import Comparison
from benchmarks.collector.load import Load
from benchmarks.collector.sink import Sink
from benchmarks.collector.subject import Subject
from benchmarks.timing import Timed

MOST_IDLE_MIB = 45.0
# Senders of spans and log records, each with a batch.
_BATCHES = 16


@dataclass(frozen=True)
class Size:
    """How much is measured: rounds of about so many records, from so many processes, and how long an idle one rests."""

    rounds: int
    records: int
    processes: int
    addresses: int
    idle_seconds: float


FULL = Size(rounds=9, records=60_000, processes=40, addresses=100_000, idle_seconds=20.0)
# It shows that everything runs; its figures mean nothing.
QUICK = Size(rounds=2, records=1, processes=2, addresses=4_000, idle_seconds=0.2)


@dataclass(frozen=True)
class Case:
    """A load that is compared. Traces and logs are forwarded to a sink, or dropped at the door."""

    make: Callable[[int], Load]
    forwarded: bool = False
    most_times: float | None = None
    told: str = ""
    same_series: bool = False
    memory: bool = False


CASES = (
    Case(metrics.masked, most_times=1.2, same_series=True, memory=True),
    # Raw instruments end in other series, and more: a duration feeds two metrics.
    Case(metrics.stock),
    Case(metrics.personal, same_series=True),
    Case(spans.ordinary, forwarded=True, most_times=2.5, told=", forwarded", memory=True),
    Case(spans.ordinary, most_times=2.5, told=", dropped"),
    Case(spans.personal, forwarded=True, told=", forwarded"),
    Case(spans.personal, told=", dropped"),
    Case(logs.ordinary, forwarded=True, most_times=2.0, told=", forwarded"),
    Case(logs.ordinary, most_times=2.0, told=", dropped"),
    Case(logs.personal, forwarded=True, told=", forwarded"),
    Case(logs.personal, told=", dropped"),
)


@dataclass
class Bench:
    """Where the processes write, what they forward to, and what a second of idleness costs ours and plain."""

    directory: Path
    sink: Sink
    size: Size
    idle: tuple[float, float] = (0.0, 0.0)
    _started: list[str] = field(default_factory=list)

    def rest(self) -> Comparison:
        """Leave both alone for a while: their memory, and their CPU, which is taken off what follows."""
        with self.pair() as pair:
            before = [each.cpu_seconds() for each in pair]
            time.sleep(self.size.idle_seconds)
            ours, plain = (
                (each.cpu_seconds() - spent) / self.size.idle_seconds for each, spent in zip(pair, before, strict=True)
            )
            self.idle = ours, plain
            return _memory("memory, idle", pair, most=MOST_IDLE_MIB)

    def compare(self, case: Case) -> list[Comparison]:
        """Load both in turn; CPU a record, and the memory at the end where the case asks for it."""
        load = case.make(self.size.processes if case.make in _METRICS else min(_BATCHES, self.size.processes))
        passes = math.ceil(self.size.records / load.records)
        spent: tuple[list[float], list[float]] = ([], [])
        with self.pair(forwarding=case.forwarded) as pair:
            for subject in pair:
                subject.take(load)
            for _ in range(self.size.rounds):
                for subject, idle, figures in zip(pair, self.idle, spent, strict=True):
                    figures.append(_microseconds_a_record(subject, load, passes, idle))
            what = f"{load.what}{case.told}{_series(case, pair)}"
            found = [Comparison(what, "µs CPU", Timed(tuple(spent[0])), Timed(tuple(spent[1])), case.most_times)]
            if case.memory:
                found.append(_memory(f"memory, after {load.what}s{case.told}", pair))
            return found

    def flood(self) -> Comparison:
        """Send both as many client addresses as there are: memory at the end."""
        load = metrics.addresses(self.size.addresses)
        with self.pair() as pair:
            for subject in pair:
                subject.take(load)
            return _memory(f"memory, after {self.size.addresses:,} {load.what}", pair)

    @contextmanager
    def pair(self, *, forwarding: bool = False) -> Iterator[tuple[Subject, Subject]]:
        """Start ours and a plain one."""
        self._started.append(f"pair-{len(self._started)}")
        directory, sink = self.directory / self._started[-1], self.sink if forwarding else None
        directory.mkdir()
        with ExitStack() as started:
            ours = started.enter_context(Subject(directory / "ours", sink=sink))
            plain = started.enter_context(Subject(directory / "plain", sink=sink, plain=True))
            yield ours, plain


_METRICS = (metrics.masked, metrics.stock, metrics.personal)


def rows(size: Size = FULL) -> list[Comparison]:
    """Measure all of it."""
    with tempfile.TemporaryDirectory() as directory, Sink() as sink:
        bench = Bench(Path(directory), sink, size)
        found = [bench.rest()]
        for case in CASES:
            print(f"measuring the Collector: {case.make.__module__.rpartition('.')[2]}{case.told} ...", file=sys.stderr)
            found += bench.compare(case)
        return [*found, bench.flood()]


def _microseconds_a_record(subject: Subject, load: Load, passes: int, idle: float) -> float:
    before, began = subject.cpu_seconds(), time.monotonic()
    records = subject.take(load, passes)
    spent = subject.cpu_seconds() - before - idle * (time.monotonic() - began)
    return max(spent, 1e-9) / records * 1e6


def _series(case: Case, pair: tuple[Subject, Subject]) -> str:
    """Tell where a load of metrics does not end in as many series in both.

    Raises ValueError where it should: a plain pipeline that merged what ours keeps apart would have less to do.
    """
    if case.make not in _METRICS:
        return ""
    ours, plain = (subject.series_count() for subject in pair)
    if case.same_series and ours != plain:
        raise ValueError(f"{case.make.__name__}: {ours} series of ours, {plain} of the plain pipeline")
    return "" if case.same_series else f" ({ours / plain:.2f} times the series)"


def _memory(what: str, pair: tuple[Subject, Subject], most: float | None = None) -> Comparison:
    ours, plain = (Timed((subject.resident_mib(),)) for subject in pair)
    return Comparison(what, "MiB", ours, plain, most=most)
