"""A call under way, and what its answer has told until now."""

import logging
from typing import Protocol

from app_integration.llm.call import Call
from app_integration.llm.errors import is_of_an_answer
from app_integration.llm.usage import Usage

_logger = logging.getLogger(__name__)


class Answer(Protocol):
    """What the parts of an answer have told so far."""

    @property
    def model(self) -> str | None:
        """The model that answered."""

    @property
    def error_type(self) -> str | None:
        """What went wrong, where the answer itself says so."""

    @property
    def usage(self) -> Usage | None:
        """The tokens."""

    def read(self, part: object) -> None:
        """Read one part."""


class Watch:
    """Reads an answer beside the application, and ends the call. None of its methods raises."""

    def __init__(self, call: Call, answer: Answer) -> None:
        self._call = call
        self._answer = answer

    def saw(self, part: object) -> None:
        """Read an answer or one part of it."""
        try:
            self._answer.read(part)
            self._call.answered(self._answer.model)
        except Exception:  # whatever an answer holds, the application gets it
            _logger.exception("An answer of an LLM provider could not be read")

    def end(self, error: BaseException | None = None) -> None:
        """Record the call; a second end changes nothing."""
        if error is not None and is_of_an_answer(error):
            self._call.answered()
        self._tell_usage()
        self._call.end(error, error_type=self._answer.error_type if error is None else None)

    def abandon(self) -> None:
        """Record a call whose answer nobody wants to hear to its end: it lasted until the last part of it."""
        self._tell_usage()
        self._call.abandon()

    def _tell_usage(self) -> None:
        try:
            if (usage := self._answer.usage) is not None:
                self._call.used(usage)
        except Exception:  # as above
            _logger.exception("The usage that an LLM provider told could not be read")
