"""One call of a provider: recorded once, in the context that it began in, whatever is told of it."""

import threading

import pytest

from app_integration.llm.call import Call, Calls
from app_integration.llm.usage import Usage
from app_integration.llm.watch import Watch
from telemetry.context import task_type
from tests.support.measured import Measured
from tests.support.recorded_calls import RecordedCalls

_PRICED = {"chat": "gpt-5", "embeddings": "text-embedding-3-small"}
REQUESTS = "techsapo_llm_requests_total"


def begun(recorded: RecordedCalls) -> Call:
    """A call under way."""
    return Calls(recorded.provider).begin("chat", "openai", "gpt-5", "api.openai.com", 443)


def test_a_call_ends_once() -> None:
    """However many say that it is over: the first one tells how."""
    recorded = RecordedCalls()
    call = begun(recorded)
    call.used(Usage(input=3))
    call.end()
    call.end(TimeoutError())
    call.abandon()
    (point,) = recorded.durations()
    assert (point.times, "error.type" in point.attributes, recorded.tokens()) == (1, False, {"input": 3})


def test_a_call_that_ends_in_many_threads_at_once_counts_once() -> None:
    """A stream that is read in one thread and closed in another."""
    recorded = RecordedCalls()
    for _ in range(50):
        call = begun(recorded)
        together = threading.Barrier(4)

        def end(call: Call = call, together: threading.Barrier = together) -> None:
            together.wait()
            call.end()

        threads = [threading.Thread(target=end) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sum(point.times for point in recorded.durations()) == 50


def test_a_call_that_fails_keeps_the_tokens_it_told() -> None:
    """They are paid for; how the call ended is the call's, and not its tokens'."""
    recorded = RecordedCalls()
    call = begun(recorded)
    call.answered("gpt-5-2025-08-07")
    call.used(Usage(input=3, output=1))
    call.end(TimeoutError())
    (point,) = recorded.durations()
    assert (point.attributes["error.type"], recorded.tokens()) == ("timeout", {"input": 3, "output": 1})


@pytest.mark.parametrize(("heard", "missing"), [(True, True), (False, None)])
def test_usage_is_missed_once_an_answer_has_begun(*, heard: bool, missing: bool | None) -> None:
    """A refusal costs nothing; an answer that breaks off does."""
    recorded = RecordedCalls()
    call = begun(recorded)
    if heard:
        call.answered()
    call.end(ConnectionError())
    assert recorded.durations()[0].attributes.get("techsapo.usage.missing") is missing


@pytest.mark.parametrize(
    ("operation", "usage", "missing"),
    [
        ("chat", Usage(input=3, untold=("output",)), True),
        ("chat", Usage(output=3, untold=("input",)), True),
        ("embeddings", Usage(output=3, untold=("input",)), True),
        ("embeddings", Usage(input=3, untold=("output",)), None),
        ("chat", Usage(input=3), None),
    ],
)
def test_a_call_whose_tokens_are_told_by_half_has_no_price(operation: str, usage: Usage, missing: bool | None) -> None:
    """It costs more than the half that was told; embeddings have no output to tell."""
    recorded = RecordedCalls()
    call = Calls(recorded.provider).begin(operation, "openai", _PRICED[operation])
    call.used(usage)
    call.end()
    assert recorded.durations()[0].attributes.get("techsapo.price.missing") is missing
    assert sum(recorded.tokens().values()) == 3


def test_the_context_is_that_of_the_beginning() -> None:
    """The task type, for one; where the call ends does not matter."""
    figures = Measured()
    with task_type("premium"):
        call = Calls(figures.provider).begin("chat", "openai", "gpt-5")
    with task_type("basic"):
        call.end()
    assert figures.values(REQUESTS) == {("openai", "gpt-5", "success", "premium"): 1}


class _Broken:
    """An answer that raises whatever is asked of it."""

    model = None
    error_type = None

    @property
    def usage(self) -> Usage | None:
        """Raise."""
        raise RuntimeError

    def read(self, part: object) -> None:
        """Raise."""
        raise RuntimeError(part)


@pytest.mark.filterwarnings("error")
def test_an_answer_that_cannot_be_read_reaches_nobody(caplog: pytest.LogCaptureFixture) -> None:
    """The log tells of it; the call is counted."""
    recorded = RecordedCalls()
    watch = Watch(begun(recorded), _Broken())
    watch.saw({})
    watch.end()
    assert recorded.durations()[0].times == 1
    assert "could not be read" in caplog.text


def test_what_no_instrument_takes_reaches_nobody(caplog: pytest.LogCaptureFixture) -> None:
    """A figure that no float can hold."""
    call = begun(RecordedCalls())
    call.used(Usage(input=10**400))
    call.end()
    assert "could not be recorded" in caplog.text
