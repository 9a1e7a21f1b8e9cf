"""The page as a whole: every metric of the contract, in the three formats."""

from collections.abc import Callable

from telemetry.exposition import openmetrics, protobuf, text
from tests.support.metric_family import decode
from tests.support.snapshots import every_metric

Golden = Callable[[str, str], None]


def test_the_text_page_is_as_it_was(golden: Golden) -> None:
    """A user's queries depend on each line of it."""
    golden("exposition.txt", text.write(every_metric(), "1.2.3").decode())


def test_the_openmetrics_page_is_as_it_was(golden: Golden) -> None:
    """With units and start timestamps."""
    golden("exposition.openmetrics.txt", openmetrics.write(every_metric(), "1.2.3").decode())


def test_the_protobuf_page_is_as_it_was(golden: Golden) -> None:
    """As Google's library prints it."""
    golden("exposition.pbtxt", "\n".join(str(family) for family in decode(protobuf.write(every_metric(), "1.2.3"))))
