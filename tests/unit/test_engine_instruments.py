"""Meters and instruments: what the API lets an application create, with whatever arguments, and unknown ones."""

import enum
import inspect
import logging
import tracemalloc
from unittest import mock

import pytest
from opentelemetry import metrics
from opentelemetry.metrics import Meter, _internal
from opentelemetry.util._once import Once

from telemetry.contract import Bounded, Combine, MetricType, Take
from telemetry.engine import MeterProvider
from tests.support.contracts import counter, gauge, histogram, metric, provider, values

CREATE: dict[str, str] = {
    "create_counter": "add",
    "create_up_down_counter": "add",
    "create_histogram": "record",
    "create_gauge": "set",
}
OBSERVABLE = ("create_observable_counter", "create_observable_up_down_counter", "create_observable_gauge")


INVALID: list[object] = [
    "",
    " ",
    "1st",
    "a" * 1_000,
    "ümlaut",
    "a\nb",
    None,
    5,
    b"things",
    mock.Mock(spec=str),
    object(),
]
DROPPED = metric(
    "techsapo_telemetry_dropped_instruments",
    MetricType.GAUGE,
    Take.LAST,
    "techsapo.telemetry.dropped_instruments",
    combine=Combine.MAX,
)


class Named(str):
    """A name that answers with something else where it can."""

    def lower(self) -> str:
        """Not what it holds."""
        raise RuntimeError

    __hash__ = None  # type: ignore[assignment]  # as of classes that define __eq__ alone


class Names(enum.StrEnum):
    """Names as constants."""

    THINGS = "things"


def test_instruments_are_those_of_the_api() -> None:
    """So that whoever checks for its classes finds them."""
    meter = provider(counter(), gauge(), histogram()).get_meter("app")
    assert isinstance(meter, metrics.Meter)
    for create, kind in (
        (meter.create_counter, metrics.Counter),
        (meter.create_up_down_counter, metrics.UpDownCounter),
        (meter.create_histogram, metrics.Histogram),
        (meter.create_gauge, metrics._Gauge),
        (meter.create_observable_counter, metrics.ObservableCounter),
        (meter.create_observable_up_down_counter, metrics.ObservableUpDownCounter),
        (meter.create_observable_gauge, metrics.ObservableGauge),
    ):
        assert isinstance(create("things"), kind)
        assert isinstance(create("unknown"), kind)


@pytest.mark.parametrize("name", [name for name in dir(Meter) if name.startswith("create_")])
def test_methods_take_what_the_api_declares(name: str) -> None:
    """Every parameter of the API's, by its name, with its default: a later API that adds one fails here."""
    declared = inspect.signature(getattr(Meter, name)).parameters
    meter = provider(counter()).get_meter("app")
    ours = inspect.signature(getattr(type(meter), name)).parameters
    assert {each: parameter.default for each, parameter in ours.items()} == {
        each: parameter.default for each, parameter in declared.items()
    }


@pytest.mark.parametrize(
    "arguments", [("",), (None,), (5,), ([],), ("app", 1.0), ("app", None, None, None), ("app", "1", "s", {"a": 1})]
)
def test_a_meter_has_any_name(arguments: tuple[object, ...]) -> None:
    """An empty or missing one works; scopes leave no trace."""
    source = provider(counter())
    meter = source.get_meter(*arguments)  # type: ignore[arg-type]  # that is the test
    meter.create_counter("things").add(1)
    assert values(source, "things_total") == {(): 1}


def test_meters_and_instruments_of_one_name_are_one_metric() -> None:
    """Created twice, by two libraries, in capitals, with another unit: one sum."""
    source = provider(counter())
    for meter in (source.get_meter("a"), source.get_meter("a"), source.get_meter("b", "2.0")):
        for name in ("things", "Things", "THINGS", Names.THINGS, Named("things")):
            meter.create_counter(name, unit="ms", description=name).add(1)
    assert values(source, "things_total") == {(): 15}


def test_the_same_meter_and_the_same_instrument_are_handed_out_again() -> None:
    """As the SDK does it: for the same arguments, the same object; of another kind or meter, another one."""
    source = provider(counter(), gauge(take=Take.SUM))
    meter = source.get_meter("app", "1.0", "https://schema")
    assert source.get_meter("app", "1.0", schema_url="https://schema") is meter
    assert source.get_meter("app", "2.0", "https://schema") is not meter
    assert meter.create_counter("things") is meter.create_counter("Things")
    assert source.get_meter("other").create_counter("things") is not meter.create_counter("things")
    assert isinstance(meter.create_gauge("level"), metrics._Gauge)
    assert isinstance(meter.create_up_down_counter("level"), metrics.UpDownCounter)
    for number in range(3_000):
        source.get_meter(f"made up {number}").create_counter("things").add(1)
    assert (values(source, "things_total"), len(source._meters)) == ({(): 3_000}, 1_000)


@pytest.mark.parametrize("advisory", [None, [], [1, 2], (5.0,), "abc", 7, [None], [2, 1]])
def test_advice_on_boundaries_is_not_asked(advisory: object) -> None:
    """The contract has them; nonsense is no error."""
    source = provider(histogram())
    meter = source.get_meter("app")
    meter.create_histogram("size", explicit_bucket_boundaries_advisory=advisory).record(5)  # type: ignore[arg-type]  # that is the test
    assert values(source, "size") == {(): [5, 5, 5, 0, 1, 0]}


@pytest.mark.parametrize("name", INVALID, ids=[str(row) for row in range(len(INVALID))])
@pytest.mark.parametrize("create", [*CREATE, *OBSERVABLE])
def test_an_invalid_name_makes_an_instrument_that_records_nothing(create: str, name: object) -> None:
    """No exception: the SDK raises one here, and an application dies of a typing error in its telemetry."""
    source = provider(counter())
    instrument = getattr(source.get_meter("app"), create)(name)
    if create in CREATE:
        getattr(instrument, CREATE[create])(1, {"x": object()}, None)
    assert (source.snapshot(), source.stats().dropped_instruments) == ([], 1)


@pytest.mark.parametrize(("create", "record"), CREATE.items())
def test_recording_takes_its_arguments_by_name(create: str, record: str) -> None:
    """As the API declares them."""
    source = provider(counter({"x": Bounded(9)}), gauge({"x": Bounded(9)}), histogram({"x": Bounded(9)}))
    names = {"create_counter": "things", "create_histogram": "size"}
    instrument = getattr(source.get_meter("app"), create)(name=names.get(create, "level"), unit="", description="")
    getattr(instrument, record)(amount=1, attributes={"x": "a"}, context=None)
    (taken,) = source.snapshot()
    assert [series.labels for series, _ in taken.points] == [("a",)]


def test_an_unknown_instrument_is_said_once_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    """By its name, in which personal data is masked; whoever creates it, however often."""
    source = provider(counter(), DROPPED)
    with caplog.at_level(logging.WARNING, "telemetry"):
        for _ in range(5):
            for name in ("app.unknown", "App.Unknown", "mail.of.someone@example.com"):
                source.get_meter("app").create_counter(name).add(1)
                source.get_meter("other").create_histogram(name).record(1)
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 2
    assert said[0].startswith("app.unknown is dropped: nothing in the contract asks for it.")
    assert "someone@example.com" not in said[1]
    assert values(source, "techsapo_telemetry_dropped_instruments") == {(): 2}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("x\nERROR app: forged\r\x1b[31m", "x?error app: forged??[31m is dropped"),
        ("m" * 90 + " someone@example.com", "m" * 90 + " [email]"),
        ("n" * 10_000, "n" * 100 + " is dropped"),
    ],
)
def test_a_name_neither_forges_nor_fills_the_log(name: str, said: str, caplog: pytest.LogCaptureFixture) -> None:
    """It is printable, short, and without personal data, half of an address included."""
    with caplog.at_level(logging.WARNING, "telemetry"):
        provider(counter()).get_meter("app").create_counter(name)
    (message,) = [record.getMessage() for record in caplog.records]
    assert message.startswith(said)
    assert "someone" not in message
    assert len(message) < 250


def test_a_hundred_thousand_unknown_names_are_bounded(caplog: pytest.LogCaptureFixture) -> None:
    """In memory and in the log: the first are named, the rest is counted up to a bound."""
    source = provider(counter(), DROPPED)
    meter = source.get_meter("app")
    tracemalloc.start()
    try:
        with caplog.at_level(logging.WARNING, "telemetry"):
            for number in range(20_000):
                meter.create_counter(f"unknown.{number}").add(1)
            warm, _ = tracemalloc.get_traced_memory()
            for number in range(20_000, 100_000):
                meter.create_counter(f"unknown.{number}").add(1)
            grown = tracemalloc.get_traced_memory()[0] - warm
    finally:
        tracemalloc.stop()
    assert grown < 100_000
    assert len(caplog.records) == 21
    assert values(source, "techsapo_telemetry_dropped_instruments") == {(): 10_000}


@pytest.mark.parametrize("create", OBSERVABLE)
def test_an_observable_instrument_needs_no_callback(create: str) -> None:
    """It may be created first and never told anything."""
    source = provider(counter(), gauge())
    getattr(source.get_meter("app"), create)("things")
    getattr(source.get_meter("app"), create)("things", [])
    assert source.snapshot() == []


def test_the_apis_proxies_work_on_our_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library that created its instruments before the provider was set is heard from then on."""
    monkeypatch.setattr(_internal, "_METER_PROVIDER", None)
    monkeypatch.setattr(_internal, "_METER_PROVIDER_SET_ONCE", Once())
    monkeypatch.setattr(_internal, "_PROXY_METER_PROVIDER", _internal._ProxyMeterProvider())
    early = metrics.get_meter("early")
    things, size = early.create_counter("things"), early.create_histogram("size")
    things.add(100)
    source: MeterProvider = provider(counter(), histogram())
    metrics.set_meter_provider(source)
    things.add(1)
    size.record(5)
    assert (values(source, "things_total"), values(source, "size")) == ({(): 1}, {(): [5, 5, 5, 0, 1, 0]})
