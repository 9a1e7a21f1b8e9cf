"""Editions: one of the names under which a scope records the same measurements counts, the others are ignored."""

import threading
import weakref
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from opentelemetry.context import Context

from telemetry.contract import Contract, Editions
from telemetry.engine.record import Record
from telemetry.engine.refusals import Refusals
from telemetry.engine.values import MAX_TEXT, text_of

# Values that are told apart in one scope, and what the others share; the conventions list 18 operations.
_MAX_APART = 64
_THE_REST = "\0"

_NOBODY = -1

# An attribute and its value; None stands for every measurement.
Ignored = frozenset[tuple[str, str]] | None
_NOTHING: Ignored = frozenset()


class Claims:
    """Which edition holds each value of the attribute that tells measurements apart, in one scope.

    `holders` is all that the hot path reads: it maps a value, as text, to the position of an edition. In a scope that
    is ignored nobody holds any, and `spared` are the holders of what is not meant by that.
    """

    __slots__ = ("__weakref__", "editions", "holders", "ignored", "spared")

    def __init__(self, editions: Editions, ignored: Ignored) -> None:
        self.editions = editions
        self.ignored = ignored
        self.holders: dict[object, int] = {}
        self.spared: dict[object, int] = {}

    def ignores(self, attributes: object) -> bool:
        """Tell whether a measurement of a scope that is ignored is meant by that. Never raises."""
        if self.ignored is None:
            return True
        try:
            return any(attributes.get(name) == value for name, value in self.ignored)  # type: ignore[attr-defined]  # what has no get() has no such attribute
        except Exception:  # noqa: BLE001  # an application's mapping may raise anything
            return False


class EditionClaims:
    """The claims of all scopes. They live as long as an instrument that they concern."""

    def __init__(self, contract: Contract, refusals: Refusals) -> None:
        self._editions = {
            name: (editions, own)
            for editions in contract.editions
            for own, names in enumerate(editions.names)
            for name in names
        }
        self._refusals = refusals
        self._lock = threading.RLock()
        self._ignored: dict[str, Ignored] = {}
        self._claims: weakref.WeakValueDictionary[tuple[str, str], Claims] = weakref.WeakValueDictionary()

    def gate(self, instrument: str, scope: str) -> "Gate | None":
        """Return what tells whether an instrument's measurements count; None where nothing else measures the same."""
        if instrument not in self._editions:
            return None
        editions, own = self._editions[instrument]
        with self._lock:
            claims = self._claims.get((editions.measures, scope))
            if claims is None:
                claims = Claims(editions, self._ignored.get(scope, _NOTHING))
                self._claims[editions.measures, scope] = claims
        return Gate(instrument, own, claims, self)

    def claim(self, claims: Claims, key: str | None, own: int, *, spared: bool = False) -> int:
        """Return the edition that holds `key`: `own` where none did, nobody where its scope is ignored."""
        with self._lock:
            holders = claims.spared if spared else claims.holders
            if not spared and claims.ignored != _NOTHING:
                own = _NOBODY
            if key not in holders and len(holders) >= _MAX_APART:
                key = _THE_REST
            return holders.setdefault(key, own)

    def ignore(self, scopes: Iterable[str], only: tuple[str, Collection[str]] | None) -> None:
        """Ignore scopes from now on; `only` those measurements where an attribute has one of some values."""
        more = None if only is None else frozenset((only[0], value) for value in only[1])
        with self._lock:
            for scope in (scopes,) if isinstance(scopes, str) else scopes:
                known = self._ignored.get(scope, _NOTHING)
                self._ignored[scope] = None if known is None or more is None else known | more
            for (_, scope), claims in list(self._claims.items()):
                if scope in self._ignored:
                    claims.ignored = self._ignored[scope]
                    claims.spared.update({key: own for key, own in claims.holders.items() if own != _NOBODY})
                    claims.holders.update(dict.fromkeys(claims.holders, _NOBODY))

    def lost(self, gate: "Gate", holder: int) -> None:
        """Count a measurement that counts under another edition; it is said once for each instrument."""
        if holder != _NOBODY:
            others = " and ".join(gate.claims.editions.names[holder])
            self._refusals.count(
                "recorded beside another edition of the same",
                gate.instrument,
                f"its scope has begun with {others}, which counts alone",
            )

    def restart(self) -> None:
        """Begin anew in the child of a fork; what is ignored stays so."""
        self._lock = threading.RLock()
        for claims in list(self._claims.values()):
            claims.holders.clear()
            claims.spared.clear()


@dataclass(frozen=True, slots=True)
class Gate:
    """Whether what an instrument of one scope measures counts, or counts under another edition already."""

    instrument: str
    own: int
    claims: Claims
    every: EditionClaims

    def admits(self, attributes: object) -> bool:
        """Tell whether a measurement counts; claims its edition where none is. Never raises."""
        return self._holds(self._key(attributes), attributes)

    def record(self, record: Record) -> Record:
        """Return a function that records what counts."""
        holders, apart, own, lost = self.claims.holders, self.claims.editions.apart, self.own, self.every.lost

        def counted_once(amount: float, attributes: object = None, context: Context | None = None) -> None:
            try:
                holder = holders[attributes.get(apart)]  # type: ignore[attr-defined]  # what has no get() has no such attribute
            except Exception:  # noqa: BLE001  # the first of its kind, or an attribute's value that is no text
                if self.admits(attributes):
                    record(amount, attributes, context)
                return
            if holder == own:
                record(amount, attributes, context)
            elif holder != _NOBODY:
                lost(self, holder)
            elif self.admits(attributes):
                record(amount, attributes, context)

        return counted_once

    def bound(self, record: Callable[[float], None], attributes: object) -> Callable[[float], None]:
        """Return a bound instrument's function that records what counts."""
        key = self._key(attributes)

        def counted_once(amount: float) -> None:
            if self._holds(key, attributes):
                record(amount)

        return counted_once

    def _holds(self, key: str | None, attributes: object) -> bool:
        claims = self.claims
        holder = claims.holders.get(key)
        if holder is None:
            holder = self.every.claim(claims, key, self.own)
        if holder == _NOBODY and not claims.ignores(attributes):
            holder = self.every.claim(claims, key, self.own, spared=True)
        if holder == self.own:
            return True
        self.every.lost(self, holder)
        return False

    def _key(self, attributes: object) -> str | None:
        try:
            value = text_of(attributes.get(self.claims.editions.apart))  # type: ignore[attr-defined]  # what has no get() has no such attribute
        except Exception:  # noqa: BLE001  # an application's mapping may raise anything
            return None
        return value if value is None or len(value) <= MAX_TEXT else _THE_REST
