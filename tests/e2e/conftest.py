"""Clients of all providers' SDKs, measured as an application has it."""

from collections.abc import Iterator

import pytest

import app_integration
from tests.support.measured import Measured
from tests.support.providers import Providers
from tests.support.providers.sdks import Sdks


@pytest.fixture(scope="module")
def clients(stub: Providers) -> Iterator[Sdks]:
    """The clients, which ask the stub."""
    made = Sdks(stub.url)
    yield made
    made.close()


@pytest.fixture
def sdks(clients: Sdks, priced: Measured) -> Iterator[Sdks]:
    """The same, instrumented as an application does it."""
    app_integration.instrument(priced.provider)
    try:
        yield clients
    finally:
        app_integration.uninstrument()
