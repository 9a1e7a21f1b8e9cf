"""Whatever becomes of a call, however it is asked: what is told of it is what the provider has served.

The real SDKs ask stubs of the providers, first with nothing of ours in them, then instrumented: the application gets
the same, and the metrics are those that an account of its own finds, from prices of its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

import app_integration
from app_integration import spending
from tests.support.measured import Measured
from tests.support.providers import Providers
from tests.support.providers.bill import Bill
from tests.support.providers.cases import CALLS, Case
from tests.support.providers.figures import Figures, differences, told
from tests.support.providers.models import asked_by, fitted
from tests.support.providers.sdks import Sdks
from tests.support.providers.surface import Surface

BILL = Bill()


@pytest.fixture(scope="module")
def sdks(stub: Providers) -> Iterator[Sdks]:
    """The clients, made before anything is instrumented."""
    made = Sdks(stub.url)
    yield made
    made.close()


@dataclass(frozen=True)
class Got:
    """What the application gets: what is returned, or what is raised."""

    returned: object = None
    raised: tuple[object, ...] = ()


def got(sdks: Sdks, surface: Surface) -> Got:
    """Ask."""
    try:
        return Got(surface.ask(sdks, asked_by(surface)))
    except Exception as error:  # noqa: BLE001  # whatever the SDK raises, which is what is compared
        status = getattr(error, "status_code", getattr(error, "code", None))
        return Got(raised=(type(error), str(error), status, type(error.__cause__), type(error.__context__)))


def by_name(call: object) -> str:
    """What pytest shows."""
    return f"{call.provider}: {call.name}" if isinstance(call, Surface) else getattr(call, "name", "")


@pytest.mark.parametrize(("surface", "case"), CALLS, ids=by_name)
def test_a_call_is_told_as_it_was(stub: Providers, sdks: Sdks, priced: Measured, surface: Surface, case: Case) -> None:
    """One operation whatever the attempts; to the application it is as if nobody looked."""
    replies = [fitted(reply, surface) for reply in case.replies]
    sdks.retries, sdks.timeout = case.retries, case.timeout
    stub.queue(*replies)
    without = got(sdks, surface)
    attempts = len(stub.asked)
    stub.queue(*replies)
    spent: list[int] = []
    end = spending.subscribe(lambda one: spent.append(one.picodollars))
    app_integration.instrument(priced.provider)
    try:
        found = got(sdks, surface)
    finally:
        app_integration.uninstrument()
        end()
    assert found == without
    assert len(stub.asked) == attempts
    expected = Figures()
    expected.add(BILL, stub.asked, case.status_of(surface))
    assert differences(expected, told(priced)) == {}
    assert sum(spent) == sum(expected.usd.values()) * 10**12
