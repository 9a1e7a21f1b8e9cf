"""Chance that can be computed again: it depends on what is asked, and on nothing that happened before."""

import hashlib


def chance(seed: int, *parts: object) -> float:
    """Return a number from 0 to 1, 1 excluded: always the same for the same seed and parts."""
    text = "\x1f".join(map(str, (seed, *parts)))
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    # As many bits as a float has, so that no rounding makes it 1.
    return (int.from_bytes(digest, "big") >> 11) / 2**53
