"""Instruments that nothing in the contract asks for: said once, counted, never kept."""

import threading
from typing import cast

from telemetry.engine.refusals import say
from telemetry.privacy import mask

# Names told apart; beyond them an application makes names up as it goes, and the count stands still.
_MAX_NAMES = 10_000
# Names said one by one; the rest is only counted.
_MAX_SAID = 20
_MAX_SHOWN = 100
_MAX_MASKED = 1_000


def name_of(name: object) -> str:
    """Return an instrument's name as a plain str; what stands for it where an application passes something else."""
    if issubclass(type(name), str):  # not isinstance(): proxies and mocks lie to it
        return str.__str__(cast(str, name))
    return f"an instrument named by a {type(name).__name__}"


class DroppedInstruments:
    """Counts distinct dropped instruments by the hash of their names: a name may be anything."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._seen: set[int] = set()

    def __len__(self) -> int:
        return len(self._seen)

    def add(self, name: str, why: str) -> None:
        """Count an instrument by its name in lower case, as instruments are told apart; say so for the first few."""
        key = hash(name)
        with self._lock:
            if key in self._seen or len(self._seen) >= _MAX_NAMES:
                return
            self._seen.add(key)
            said = len(self._seen)
        if said <= _MAX_SAID:
            # Masked before it is cut, or half an e-mail address would pass; printable, or it would forge log lines.
            masked = mask(name[:_MAX_MASKED])[:_MAX_SHOWN]
            shown = "".join(character if character.isprintable() else "?" for character in masked)
            say("%s is dropped: %s. Said once; techsapo_telemetry_dropped_instruments counts them.", shown, why)
        if said == _MAX_SAID:
            say("Further dropped instruments are counted without being named.")

    def renew_lock(self) -> None:
        """Replace the lock after a fork."""
        self._lock = threading.RLock()
