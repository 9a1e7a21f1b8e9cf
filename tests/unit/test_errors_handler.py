"""Errors that are logged."""

import logging
import sys
from collections.abc import Iterator

import pytest

from app_integration.errors import ErrorHandler, count_error
from tests.support.measured import Measured

ERRORS = "techsapo_errors_total"


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    """A logger that counts."""
    made, handler = logging.getLogger("Shop Checkout.pay"), ErrorHandler()
    made.addHandler(handler)
    yield made
    made.removeHandler(handler)


def test_a_handler_counts_what_is_logged(logger: logging.Logger, figures: Measured) -> None:
    """By level and by the logger's name; records without an exception are none."""
    logger.error("no exception")
    for level in (logging.DEBUG, logging.WARNING, logging.ERROR, logging.CRITICAL):
        logger.log(level, "one", exc_info=ValueError())
    assert figures.values(ERRORS) == {
        ("ValueError", severity, "shop-checkout"): 1 for severity in ("warning", "error", "critical")
    }


def test_what_was_counted_is_not_counted_again(logger: logging.Logger, figures: Measured) -> None:
    """By whom it may be, before and after."""
    try:
        raise KeyError  # that is what is logged
    except KeyError as error:
        count_error(error, service="cache")
        logger.exception("one")
        logger.exception("and again")
    assert figures.values(ERRORS) == {("KeyError", "error", "cache"): 1}


def test_what_is_logged_of_an_end_on_purpose_is_no_error(logger: logging.Logger, figures: Measured) -> None:
    """A cancellation, for one."""
    logger.error("stopped", exc_info=KeyboardInterrupt())
    assert figures.values(ERRORS) == {}


@pytest.mark.parametrize(
    ("name", "service"),
    [
        ("app_integration.cache", "app_integration"),
        ("root", "root"),
        ("", "app"),
        ("...", "app"),
        ("Straße", "stra-e"),
        ("_private", "private"),
        ("x" * 63 + "-yz", "x" * 63),
    ],
)
def test_a_loggers_name_becomes_a_service(name: str, service: str, figures: Measured) -> None:
    """One that the contract takes, whatever the name is."""
    record = logging.LogRecord(name, logging.ERROR, "", 0, "", None, (ValueError, ValueError(), None))
    ErrorHandler().handle(record)
    assert figures.values(ERRORS) == {("ValueError", "error", service): 1}


def test_the_service_may_be_given(figures: Measured) -> None:
    """For all records; and an own level lets more of them count."""
    handler = ErrorHandler("payment", logging.DEBUG)
    handler.handle(logging.LogRecord("x", logging.DEBUG, "", 0, "", None, (ValueError, ValueError(), None)))
    assert figures.values(ERRORS) == {("ValueError", "info", "payment"): 1}


@pytest.mark.parametrize("exc_info", [True, (None, None, None), (), ("a", "b", "c"), sys.exc_info()])
def test_records_made_by_hand_break_nothing(exc_info: object, figures: Measured) -> None:
    """A record may carry anything."""
    record = logging.LogRecord("x", logging.ERROR, "", 0, "", None, None)
    record.exc_info = exc_info  # type: ignore[assignment]  # that is what is tried
    ErrorHandler().handle(record)
    assert figures.values(ERRORS) == {}
