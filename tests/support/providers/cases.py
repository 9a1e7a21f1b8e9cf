"""What may become of a call, and what is said of it then."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.support.providers.models import ANOTHER
from tests.support.providers.script import Reply, Tokens
from tests.support.providers.sdks import PATIENT_SECONDS
from tests.support.providers.surface import Surface
from tests.support.providers.surfaces import SURFACES

Fits = Callable[[Surface], bool]

IMPATIENT_SECONDS = 0.3
AT_ONCE = {"retry-after": "0.001", "retry-after-ms": "1"}


@dataclass(frozen=True, slots=True)
class Case:
    """A call: the replies to its attempts, and its status, which a provider may have otherwise."""

    name: str
    replies: tuple[Reply, ...]
    status: str = "success"
    of_provider: Mapping[str, str] = field(default_factory=dict)
    retries: int = 0
    timeout: float = PATIENT_SECONDS
    fits: Fits = lambda _: True

    def status_of(self, surface: Surface) -> str:
        """Return the status of the call."""
        return self.of_provider.get(surface.provider, self.status)


def _first(surface: Surface) -> bool:
    """Whether it is the first way to ask its provider at once or in a stream, synchronously or not."""
    kind = (surface.provider, surface.streams, "async" in surface.name)
    return surface is next(
        other for other in SURFACES if (other.provider, other.streams, "async" in other.name) == kind
    )


def _talks(surface: Surface) -> bool:
    return not surface.embeds


def _streams(surface: Surface) -> bool:
    return surface.streams


def _whole(surface: Surface) -> bool:
    return not surface.streams


def _of(*providers: str) -> Fits:
    return lambda surface: surface.provider in providers and not surface.embeds


def _all(*fits: Fits) -> Fits:
    return lambda surface: all(fit(surface) for fit in fits)


def _refused(status: int, *, fits: Fits = _first) -> Case:
    return Case(f"{status}", (Reply(status=status),), "rate_limited" if status == 429 else "error", fits=fits)


_CACHED = Tokens(fresh=700, cached=301, answer=43, reasoning=67)
_WRITTEN = Tokens(fresh=700, cached=301, written=53, answer=43, reasoning=67)
_WRITTEN_1H = Tokens(fresh=700, cached=301, written=53, written_1h=41, answer=43, reasoning=67)
_LIMITED = Reply(status=429, headers=AT_ONCE)
_BROKEN = b'{"id": "x", "usage": {"prompt_tok'

ANSWERS = (
    Case("an answer", (Reply(),)),
    Case("cached, reasoning, by another model", (Reply(tokens=_CACHED, model=ANOTHER),), fits=_talks),
    Case("written to the cache", (Reply(tokens=_WRITTEN),), fits=_of("openai", "openrouter", "anthropic")),
    Case("written for an hour", (Reply(tokens=_WRITTEN_1H),), fits=_of("anthropic")),
    Case("another tier", (Reply(tokens=_CACHED, tier=ANOTHER),), fits=_of("openai", "anthropic", "gcp.gemini")),
    Case("a tier that nobody knows", (Reply(tier="odd"),), fits=_of("openai", "anthropic", "gcp.gemini")),
    Case("a prompt that is just not long", (Reply(tokens=Tokens(99_000, 1_000, answer=9)),), fits=_talks),
    Case("a long prompt", (Reply(tokens=Tokens(99_000, 1_001, answer=9, reasoning=5)),), fits=_talks),
    Case("by a model without a price", (Reply(model="nobody-knows"),), fits=_talks),
    Case("without usage", (Reply(tokens=None),)),
    Case("in small pieces", (Reply(tokens=_CACHED, bytes_at_once=9),), fits=_first),
)

REFUSALS = (
    *map(_refused, (400, 401, 404, 500, 503)),
    _refused(429, fits=lambda _: True),
    _refused(529, fits=lambda _: True),
    Case("429, then an answer", (_LIMITED, _LIMITED, Reply(tokens=_CACHED)), retries=2, fits=_talks),
    Case("500 and 503, then an answer", tuple(_LIMITED.but(status=s) for s in (500, 503, 200)), retries=2, fits=_first),
    Case("429 for ever", (_LIMITED,) * 3, "rate_limited", retries=2),
    Case("503 for ever", (_LIMITED.but(status=503),) * 2, "error", retries=1, fits=_first),
)

SILENCES = (
    Case("no answer", (Reply(ending="held", parts=0),), "timeout", timeout=IMPATIENT_SECONDS, fits=_first),
    Case(
        "no answer, then one",
        (Reply(ending="held", parts=0), Reply()),
        retries=1,
        timeout=IMPATIENT_SECONDS,
        fits=_all(_whole, _first),
    ),
    Case(
        "silence in the midst",
        (Reply(ending="held", parts=4),),
        "timeout",
        timeout=IMPATIENT_SECONDS,
        fits=_all(_streams, _first),
    ),
)

BREAKS = (
    Case("closed before an answer", (Reply(ending="closed", parts=0),), "error"),
    Case("reset before an answer", (Reply(ending="reset", parts=0),), "error"),
    Case("cut after a word", (Reply(ending="closed", parts=1),), "error"),
    Case("cut in the midst", (Reply(tokens=_CACHED, ending="closed", parts=4),), "error"),
    Case(
        "cut before the last word",
        (Reply(tokens=_WRITTEN, ending="closed", parts=7),),
        "error",
        fits=_all(_streams, _of("anthropic")),
    ),
    Case("over before it should be", (Reply(ending="early"),), fits=_streams),
    Case(
        "an error in the midst",
        (Reply(ending="error", parts=4),),
        "error",
        {"openrouter": "rate_limited"},
        fits=_streams,
    ),
    Case(
        "an error in an answer of 200", (Reply(ending="error"),), "rate_limited", fits=_all(_whole, _of("openrouter"))
    ),
    Case("no JSON", (Reply(body=_BROKEN),), "error", fits=_whole),
    Case("an empty answer", (Reply(body=b""),), "error", {"gcp.gemini": "success"}, fits=_whole),
    Case("an empty stream", (Reply(body=b""),), fits=_streams),
    Case("a stream of no events", (Reply(body=_BROKEN),), "success", {"gcp.gemini": "error"}, fits=_streams),
)

CALLS = [
    (surface, case) for case in (*ANSWERS, *REFUSALS, *SILENCES, *BREAKS) for surface in SURFACES if case.fits(surface)
]
