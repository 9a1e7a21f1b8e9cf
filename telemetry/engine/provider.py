"""The meter provider: the OpenTelemetry metrics API, driven by the contract."""

import threading
import time
import weakref
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from opentelemetry import metrics
from opentelemetry.metrics import CallbackT
from opentelemetry.sdk.metrics.export import AggregationTemporality, MetricReader, MetricsData
from opentelemetry.sdk.resources import Resource
from opentelemetry.util.types import Attributes

from telemetry.contract import CONTRACT, Contract, Metric, View
from telemetry.contract.networks import client_ip_buckets
from telemetry.engine.callbacks import CallbackRunner, Registered, as_function
from telemetry.engine.collect import MetricSnapshot, metrics_data, snapshot
from telemetry.engine.dropped import DroppedInstruments, name_of
from telemetry.engine.editions import EditionClaims
from telemetry.engine.instruments import Bind, Bound
from telemetry.engine.kinds import Kind
from telemetry.engine.meter import Meter
from telemetry.engine.observed import Observed
from telemetry.engine.plan import Plan
from telemetry.engine.record import GLOBAL_LOCK, Locks, Record, compile_bound, compile_record
from telemetry.engine.refusals import Refusals, say
from telemetry.engine.series import SeriesTable
from telemetry.engine.side_by_side import side_by_side
from telemetry.engine.weights import Weight

_OVERFLOW = "techsapo.telemetry.overflow"
# Meters kept to be handed out again; an application that makes names up gets a new one each time.
_MAX_METERS = 1_000
_DROPPED = "techsapo.telemetry.dropped_instruments"


@dataclass(frozen=True, slots=True)
class EngineStats:
    """What the engine knows of itself: series by metric, refusals by (reason, instrument), dropped instruments."""

    series: Mapping[str, int]
    refusals: Mapping[tuple[str, str], int]
    dropped_instruments: int


class MeterProvider(metrics.MeterProvider):
    """A meter provider whose instruments feed the metrics of a contract, and nothing else.

    `salt` is the secret that client addresses are bucketed with; `weights` are the factors that the contract's
    views name; `clock` gives Unix time in nanoseconds. `locked` adds under a lock, as interpreters without a global
    lock need; by default it is decided by the interpreter. Raises ValueError when the salt is empty.
    `on_first_record` is called once, by the first measurement in this process.
    """

    def __init__(
        self,
        contract: Contract = CONTRACT,
        *,
        resource: Resource,
        salt: bytes,
        weights: Mapping[str, Weight] | None = None,
        clock: Callable[[], int] = time.time_ns,
        locked: bool = not GLOBAL_LOCK,
    ) -> None:
        self.contract = contract
        self.resource = resource
        self.on_first_record: Callable[[], None] | None = None
        self._weights = dict(weights or {})
        self._buckets = client_ip_buckets(salt)
        self._clock = clock
        self._record_locks: Locks = [threading.RLock()] if locked else []
        self._lock = threading.RLock()
        self._collecting = threading.RLock()  # reentrant: a signal handler may flush in the midst of a collection
        self._refusals = Refusals()
        self._dropped = DroppedInstruments()
        self._callbacks = CallbackRunner(self._refusals)
        self._editions = EditionClaims(contract, self._refusals)
        self._tables = {metric.name: SeriesTable(metric, clock) for metric in contract.metrics}
        self._plans: dict[tuple[str, Kind, tuple[int, ...]], tuple[Plan, Record]] = {}
        self._registered: list[Registered] = []
        self._bound: weakref.WeakKeyDictionary[Callable[[float], None], list[object]] = weakref.WeakKeyDictionary()
        self._meters: dict[tuple[str, str | None, str | None], Meter] = {}
        self._readers: list[MetricReader] = []
        self._life = object()
        self._first_pending = True
        own = Meter(self, "techsapo.telemetry", None, None)
        self._overflow = own.create_counter(_OVERFLOW) if _OVERFLOW in contract.views_of else None
        self._overflow_metrics = {metric.name for metric, _ in contract.views_of.get(_OVERFLOW, ())}
        if _DROPPED in contract.views_of:
            own.create_observable_gauge(_DROPPED, [lambda _: [metrics.Observation(len(self._dropped))]])

    def get_meter(
        self,
        name: str,
        version: str | None = None,
        schema_url: str | None = None,
        attributes: Attributes = None,  # noqa: ARG002  # scopes leave no trace: all metrics leave under one
    ) -> Meter:
        """Return a meter, for the same arguments the same. Meters of any name and version share the metrics."""
        key = (name, version, schema_url)
        if not all(part is None or type(part) is str for part in key):
            return Meter(self, name or "", version, schema_url)
        with self._lock:
            meter = self._meters.get(key)
            if meter is None:
                meter = Meter(self, name or "", version, schema_url)
                if len(self._meters) < _MAX_METERS:
                    self._meters[key] = meter
            return meter

    def add_metric_reader(self, reader: MetricReader) -> None:
        """Attach a stock reader. Raises ValueError when it prefers delta temporality: all here is cumulative."""
        if AggregationTemporality.DELTA in reader._instrument_class_temporality.values():  # noqa: SLF001  # the SDK offers no public way to ask
            msg = f"{type(reader).__name__} prefers delta temporality; this provider only offers cumulative"
            raise ValueError(msg)
        life = self._life

        def collect(_: MetricReader, timeout_millis: float = 10_000) -> MetricsData | None:
            # A reader that a child inherits by fork would tell the child's figures as the parent's.
            return self.metrics_data(timeout_millis) if self._life is life else None

        # The SDK's own seam between a provider and its readers, private by name; a test pins it.
        reader._set_collect_callback(collect)  # type: ignore[arg-type]  # noqa: SLF001  # declared for the SDK's provider, called as (reader, timeout_millis=)
        # Now, because the first collection may be the one at the exit, when threads start no more.
        self._callbacks.start()
        with self._lock:
            if not any(known is reader for known in self._readers):
                self._readers.append(reader)

    def ignore_scopes(self, names: Iterable[str], *, only: tuple[str, Collection[str]] | None = None) -> None:
        """Ignore, from now on, what meters of these names record on instruments that have editions (gen_ai.*).

        Another instrumentation measures the same calls, and they count once. It goes for instruments made before, too.
        `only` is an attribute and those of its values that are meant; what has another value, or none, counts. Several
        calls add up.
        """
        self._editions.ignore(names, only)

    def snapshot(self, timeout_millis: float = 10_000) -> list[MetricSnapshot]:
        """Collect: run the callbacks of asynchronous instruments and take every series that has a value."""
        with self._collecting:
            observed = Observed(self._refusals, self._resolved)
            with self._lock:
                registered = list(self._registered)
            for callback, observations in self._callbacks.run(registered, timeout_millis / 1_000):
                for observation in observations:
                    observed.add(callback.plan, observation, callback.gate)
            return snapshot(self.contract.metrics, self._tables, observed, self._record_locks)

    def metrics_data(self, timeout_millis: float = 10_000) -> MetricsData | None:
        """Collect in the SDK's data model; None where nothing has been recorded."""
        return metrics_data(self.snapshot(timeout_millis), self.resource, self._clock())

    def force_flush(self, timeout_millis: float = 10_000) -> bool:
        """Have every reader collect and export now, side by side; tell whether all did within the timeout."""
        with self._lock:
            readers = list(self._readers)
        return side_by_side(
            [lambda reader=reader: reader.force_flush(timeout_millis) for reader in readers],  # type: ignore[misc]  # a default argument binds the loop's reader
            timeout_millis / 1_000,
            self._say_reader,
        )

    def shutdown(self, timeout_millis: float = 5_000) -> None:
        """Shut all readers down, side by side; each exports what it has. A second call does nothing."""
        with self._lock:
            readers, self._readers = self._readers, []
        side_by_side(
            [lambda reader=reader: reader.shutdown(timeout_millis) for reader in readers],  # type: ignore[misc]  # a default argument binds the loop's reader
            timeout_millis / 1_000,
            self._say_reader,
        )
        self._callbacks.stop()

    def restart(self, resource: Resource) -> None:
        """Begin from zero in the child of a fork: no series, new start times, no readers, fresh locks.

        Instruments, bound ones too, and callbacks go on working.
        """
        self.resource = resource
        self._lock = threading.RLock()
        self._collecting = threading.RLock()
        self._life = object()
        self._record_locks[:] = [threading.RLock() for _ in self._record_locks]
        self._refusals.renew_lock()
        self._dropped.renew_lock()
        self._editions.restart()
        self._callbacks.restart()
        self._readers = []
        self._first_pending = True
        for table in self._tables.values():
            table.clear()
        for plan, _ in self._plans.values():
            plan.restart()
        for own in list(self._bound.values()):
            own.clear()

    def stats(self) -> EngineStats:
        """Tell how many series there are, what was refused and how many instruments were dropped."""
        return EngineStats(
            series={name: len(table.series()) for name, table in self._tables.items()},
            refusals=self._refusals.counts(),
            dropped_instruments=len(self._dropped),
        )

    def synchronous(self, name: object, kind: Kind, scope: str) -> tuple[Record, Bind] | None:
        """Return how a synchronous instrument records and binds; None where no view wants it."""
        found = self._plan(name, kind, scope)
        if found is None:
            return None
        plan, record = found
        gate = self._editions.gate(plan.instrument, scope)

        def bind(attributes: object) -> Bound:
            own: list[object] = []
            function = compile_bound(plan, record, attributes, self._record_locks, own)
            if gate is not None:
                function = gate.bound(function, attributes)
            # By its function, not by the Bound: `add = counter.bind(...).add` outlives it.
            self._bound[function] = own
            return Bound(function)

        return (record if gate is None else gate.record(record)), bind

    def asynchronous(self, name: object, kind: Kind, scope: str, callbacks: Sequence[CallbackT] | None) -> None:
        """Register the callbacks of an asynchronous instrument where a view wants it."""
        found = self._plan(name, kind, scope)
        if found is None:
            return
        plan = found[0]
        try:
            given = list(callbacks or ())
        except Exception:  # noqa: BLE001  # a single function is passed by mistake
            self._refusals.count("callbacks that are no list", plan.instrument, "pass a list of callbacks")
            return
        gate = self._editions.gate(plan.instrument, scope)
        with self._lock:
            for callback in given:
                # Asked once, however often an application creates its instruments: twice it would count twice.
                if not any(
                    known.plan is plan and known.gate == gate and known.callback == callback
                    for known in self._registered
                ):
                    self._registered.append(Registered(plan, callback, as_function(callback), gate))

    def _plan(self, name: object, kind: Kind, scope: str) -> tuple[Plan, Record] | None:
        instrument = name_of(name).lower()
        views = self.contract.views_of.get(instrument, ())
        if not views:
            self._dropped.add(instrument, "nothing in the contract asks for it")
            return None
        wanted = [(metric, view) for metric, view in views if scope not in view.ignore_scopes]
        selected = tuple((metric, view) for metric, view in wanted if kind.feeds(metric, view))
        if not selected:
            if wanted:
                self._dropped.add(instrument, f"the contract does not take it from a {kind.value}")
            return None
        key = (instrument, kind, tuple(id(view) for _, view in selected))
        with self._lock:
            if key not in self._plans:
                self._plans[key] = self._compile(instrument, kind, selected)
            return self._plans[key]

    def _compile(self, name: str, kind: Kind, selected: tuple[tuple[Metric, View], ...]) -> tuple[Plan, Record]:
        plan = Plan(name, kind, selected, self._tables, self._weights, self._buckets, self._refusals, self._resolved)
        return plan, compile_record(plan, self._refusals, self._record_locks)

    def _resolved(self, overflow: Sequence[str]) -> None:
        if self._overflow is not None:
            for metric in overflow:
                if metric not in self._overflow_metrics:  # it would count itself, again and again
                    self._overflow.add(1, {"metric": metric})
        if self._first_pending and self.on_first_record is not None:
            self._tell_first_record(self.on_first_record)

    def _tell_first_record(self, tell: Callable[[], None]) -> None:
        with self._lock:
            pending, self._first_pending = self._first_pending, False
        if not pending:
            return
        try:
            tell()
        except Exception as error:  # noqa: BLE001  # the application's request goes on whatever fails here
            say("starting the exporters failed with %s", type(error).__name__)

    def _say_reader(self, what: str) -> None:
        self._refusals.count(what, "telemetry", "its own log tells more")
