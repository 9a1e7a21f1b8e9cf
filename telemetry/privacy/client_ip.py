"""Client addresses as one of 515 buckets, the same in every process and every Collector that has the salt.

The bucket of an address is the first byte of SHA-256 over these bytes, as two lower-case hex digits:

    salt (as given) | canonical text (ASCII, nothing before, between or after)

The canonical text of an IPv4 address is the dotted quad, `198.51.100.7`. That of an IPv6 address is
its /64 as RFC 5952 writes it, `2001:db8:1:2::/64`. So `v4-` + sha256(salt + b"198.51.100.7")[0].

From the text of an attribute to the canonical text, in this order:

1. Only a str of at most 128 characters is looked at; ASCII blanks around it are taken off.
2. A value that is a bucket already stays as it is.
3. Brackets with or without a port, `[::1]:80`, and the port of a dotted quad, `198.51.100.7:80`, are
   taken off. A port is 1 to 5 digits, at most 65535. Without brackets, `2001:db8::1:80` has no port.
4. A zone, `%` and characters that RFC 3986 calls unreserved, is taken off an IPv6 address.
5. What remains is a dotted quad without leading zeros or an IPv6 address of RFC 4291 section 2.2.
   Anything else is `invalid`: names, lists, prefixes, percent-encoded or shortened forms, other digits than ASCII.
6. Unspecified addresses are `invalid`; loopback and private networks have their buckets.
7. An IPv6 address that carries an IPv4 one becomes that one, and step 6 is applied to it.

Multicast, documentation and reserved addresses are addresses like any other.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from ipaddress import ip_network
from socket import AF_INET, AF_INET6, inet_ntoa, inet_ntop, inet_pton
from typing import Final

PRIVATE: Final = "private"
LOOPBACK: Final = "loopback"
INVALID: Final = "invalid"
IPV4_BUCKETS: Final = tuple(f"v4-{byte:02x}" for byte in range(256))
IPV6_BUCKETS: Final = tuple(f"v6-{byte:02x}" for byte in range(256))
ALL_BUCKETS: Final = (*IPV4_BUCKETS, *IPV6_BUCKETS, PRIVATE, LOOPBACK, INVALID)

# The longest spelling, with brackets, zone and port, stays well below it.
MAX_CHARACTERS: Final = 128

_MASKED = frozenset(ALL_BUCKETS)
_BLANKS = " \t\n\v\f\r"
_PORT = re.compile(r":([0-9]{1,5})")
_ZONE = re.compile(r"[A-Za-z0-9._~-]+")
_HOST_BITS = bytes(8)

_Named = tuple[int, int, str]  # mask, network, bucket
_Carrier = tuple[int, int, int, bool]  # mask, network, offset of the IPv4 address, inverted


class ClientIpBuckets:
    """The buckets under one salt. Holds no address, takes no lock, never shows the salt.

    `private`, `loopback` and `unspecified` are networks in CIDR notation; `embedded_ipv4` lists IPv6
    networks that carry an IPv4 address: (network, offset in bytes, whether its bits are inverted).
    Raises ValueError on an empty salt or a network that is none.
    """

    __slots__ = ("_carriers", "_ipv4", "_ipv6", "_salted")

    def __init__(
        self,
        salt: bytes,
        *,
        private: Sequence[str],
        loopback: Sequence[str],
        unspecified: Sequence[str],
        embedded_ipv4: Sequence[tuple[str, int, bool]],
    ) -> None:
        if not salt:
            raise ValueError("the salt of the client_ip buckets is empty")
        # Only the state of the hash is kept: the salt is in no attribute that could be printed.
        self._salted = hashlib.sha256(salt)
        named = [(unspecified, INVALID), (loopback, LOOPBACK), (private, PRIVATE)]
        self._ipv4 = _by_first_byte((network, bucket) for networks, bucket in named for network in networks)
        self._ipv6 = _by_first_byte(
            ((network, bucket) for networks, bucket in named for network in networks), version=6
        )
        self._carriers = tuple(_carrier(*entry) for entry in embedded_ipv4)

    def __repr__(self) -> str:
        return "ClientIpBuckets(salt=***)"

    def bucket(self, value: object) -> str:
        """Return the bucket of an address in text form, one of ALL_BUCKETS; never raises."""
        if not isinstance(value, str):
            return INVALID
        text = value if type(value) is str else str.__str__(value)
        if len(text) > MAX_CHARACTERS:
            return INVALID
        text = text.strip(_BLANKS)
        if text in _MASKED:
            return text
        host = _host(text) if ":" in text or text.startswith("[") else text
        try:
            return self._bucket_of_ipv6(host) if ":" in host else self._bucket_of_ipv4(inet_pton(AF_INET, host), host)
        except (OSError, ValueError):
            return INVALID

    def _bucket_of_ipv4(self, packed: bytes, host: str) -> str:
        canonical = inet_ntoa(packed)
        # Some platforms read 010.1.1.1, and not all of them as the same address.
        if canonical != host:
            return INVALID
        for mask, network, bucket in self._ipv4[packed[0]]:
            if int.from_bytes(packed, "big") & mask == network:
                return bucket
        return IPV4_BUCKETS[self._first_byte(canonical)]

    def _bucket_of_ipv6(self, host: str) -> str:
        packed = inet_pton(AF_INET6, host)
        address = int.from_bytes(packed, "big")
        if "." in host and inet_ntoa(packed[12:]) != host.rpartition(":")[2]:
            return INVALID
        for mask, network, bucket in self._ipv6[packed[0]]:
            if address & mask == network:
                return bucket
        for mask, network, offset, inverted in self._carriers:
            if address & mask == network:
                carried = packed[offset : offset + 4]
                if inverted:
                    carried = bytes(byte ^ 0xFF for byte in carried)
                return self._bucket_of_ipv4(carried, inet_ntoa(carried))
        return IPV6_BUCKETS[self._first_byte(inet_ntop(AF_INET6, packed[:8] + _HOST_BITS) + "/64")]

    def _first_byte(self, canonical: str) -> int:
        digest = self._salted.copy()
        digest.update(canonical.encode("ascii"))
        return digest.digest()[0]


def _host(text: str) -> str:
    """Return an address without port, brackets and zone; an empty text when they are malformed."""
    port = ""
    if text.startswith("["):
        host, closed, port = text[1:].partition("]")
        if not closed:
            return ""
    elif text.count(":") == 1:
        host, _, digits = text.partition(":")
        port = f":{digits}"
    else:
        host = text
    if port:
        number = _PORT.fullmatch(port)
        if number is None or int(number[1]) > 65535:
            return ""
    host, marked, zone = host.partition("%")
    if marked and (":" not in host or _ZONE.fullmatch(zone) is None):
        return ""
    return host


def _by_first_byte(named: Iterable[tuple[str, str]], version: int = 4) -> tuple[tuple[_Named, ...], ...]:
    """Return, for each first byte of an address, the networks that it may be in: most addresses meet none."""
    table: list[list[_Named]] = [[] for _ in range(256)]
    for text, bucket in named:
        network = ip_network(text)
        if network.version != version:
            continue
        entry = (int(network.netmask), int(network.network_address), bucket)
        for byte in range(network.network_address.packed[0], network.broadcast_address.packed[0] + 1):
            table[byte].append(entry)
    return tuple(tuple(entries) for entries in table)


def _carrier(text: str, offset: int, inverted: bool) -> _Carrier:
    network = ip_network(text)
    if network.version != 6:
        msg = f"{text} cannot carry an IPv4 address: it is no IPv6 network"
        raise ValueError(msg)
    return int(network.netmask), int(network.network_address), offset, inverted
