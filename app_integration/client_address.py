"""The client's own address behind proxies, from headers that only a proxy that is trusted may have written.

Sources: RFC 7239 (Forwarded), and X-Forwarded-For and X-Real-IP as MDN describes them.
"""

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Final, Literal, Self, get_args

from app_integration.forwarded import elements, node_for

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Headers = Mapping[str, str] | Iterable[tuple[bytes, bytes] | tuple[str, str]]

Header = Literal["x-forwarded-for", "forwarded", "x-real-ip"]

# What stands in a list of proxies for whoever has connected by a Unix socket: a process of this machine.
UNIX: Final = "unix"

# 192.0.2.1, 192.0.2.1:80, [2001:db8::1], [2001:db8::1]:_hidden, 2001:db8::1; the port is left out.
_NODE: Final = re.compile(
    r"(?:\[(?P<bracketed>[^\[\]]*)\]|(?P<plain>[^:\[\]]*))(?::(?:[0-9]{1,5}|_[A-Za-z0-9._-]+))?|(?P<bare>[^\[\]]*)"
)
_MAPPED: Final = ipaddress.IPv6Network("::ffff:0:0/96")
# Hops of one request; a longer list is an attempt to make us work.
_MOST_HOPS: Final = 100


class TrustedProxies:
    """Networks whose hosts are our proxies. The address behind them is told by `client_address`.

    `header` is the one that they write: only that is read, since a proxy passes the others on as a client sent them.
    X-Real-IP tells of one hop only. `unix` trusts who connects by a Unix socket.

    Raises:
        ValueError: there is no such header.
    """

    def __init__(self, networks: Iterable[Network], header: Header = "x-forwarded-for", *, unix: bool = False) -> None:
        if header not in get_args(Header):
            msg = f"the header of trusted proxies: got {header!r}; it is one of {', '.join(get_args(Header))}"
            raise ValueError(msg)
        self._networks = tuple(map(_unmapped, networks))
        self._header = header
        self._unix = unix

    @classmethod
    def from_text(cls, text: str, header: Header = "x-forwarded-for") -> Self:
        """Read a list such as `127.0.0.1, 10.0.0.0/8, 2001:db8::/32, unix`; empty for none.

        Raises:
            ValueError: a part is no address and no network; the message names it.
        """
        networks: list[Network] = []
        parts = [part for part in (part.strip() for part in text.split(",")) if part]
        for part in parts:
            try:
                if part != UNIX:
                    networks.append(ipaddress.ip_network(part))
            except ValueError:
                msg = f"trusted proxies: got {part!r}; an address, a network such as 10.0.0.0/8, or unix is needed"
                raise ValueError(msg) from None
        return cls(networks, header, unix=UNIX in parts)

    def client_address(self, scope: Mapping[str, object]) -> str:
        """Return the client's address for an ASGI scope (`request.scope`), "" where there is none (a Unix socket).

        uvicorn may have put the client into the scope already, by X-Forwarded-For and its own list of proxies
        (`--forwarded-allow-ips`, 127.0.0.1 where none is given). Where that list is part of this one the result is the
        same. Where it is `*` uvicorn believes what the client itself has written, and that cannot be told any more:
        start it with `--no-proxy-headers`, or with this list.
        """
        client = scope.get("client")
        peer = client[0] if isinstance(client, tuple | list) and client else None
        headers = scope.get("headers")
        return self.behind("" if peer is None else str(peer), headers if isinstance(headers, Iterable) else ())

    def behind(self, peer: str, headers: Headers) -> str:
        """Return the client's address, given the address of who has connected ("": a Unix socket) and the headers.

        The hops are walked from the nearest one on, as long as each is a proxy of ours: what is further out anybody
        may have written. A hop that is no address (`unknown`, `_hidden`, a mistake) ends the walk at the proxy that
        told it. Addresses are told without port and zone, IPv4 inside IPv6 as IPv4. A peer that is no address is told
        as it is.
        """
        found = _address(peer)
        told = peer if found is None else str(found)
        if not (self._trusts(found) if found is not None else self._unix and not peer):
            return told
        for hop in islice(self._hops(headers), _MOST_HOPS):
            found = _address(hop)
            if found is None:
                break
            told = str(found)
            if not self._trusts(found):
                break
        return told

    def _hops(self, headers: Headers) -> Iterator[str]:
        """Return what the proxies have told, the nearest first: the lines of a header are one list (RFC 9110)."""
        pairs = headers.items() if isinstance(headers, Mapping) else headers
        lines = [_text(value) for name, value in pairs if _text(name).lower() == self._header]
        if self._header == "x-real-ip":
            # A proxy of ours sets it, so there is one. Of several, nobody knows whose is whose.
            yield from lines if len(lines) == 1 else ()
            return
        for line in reversed(lines):
            if self._header == "forwarded":
                yield from map(node_for, elements(line))
            else:
                yield from reversed(line.split(","))

    def _trusts(self, address: Address) -> bool:
        return any(address.version == network.version and address in network for network in self._networks)


def network_of(client_address: str) -> str:
    """Return what a client is counted by: the /64 of an IPv6 address, since one host may have all of it.

    Other addresses, and what is none, are told as they are.
    """
    address = _address(client_address)
    if address is None or address.version == 4:
        return client_address if address is None else str(address)
    return str(ipaddress.IPv6Network((int(address) >> 64 << 64, 64)))


def _text(value: bytes | str) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _address(text: str) -> Address | None:
    """Read an address with or without brackets, port and zone; IPv4 inside IPv6 is unwrapped."""
    node = _NODE.fullmatch(text.strip())
    if node is None:
        return None
    host = node["bracketed"] or node["plain"] or node["bare"] or ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv4Address):
        return None if node["bracketed"] else address
    return address.ipv4_mapped or ipaddress.IPv6Address(int(address))  # without its zone


def _unmapped(network: Network) -> Network:
    """Return a network of IPv4 inside IPv6 as one of IPv4, since addresses are compared so."""
    if isinstance(network, ipaddress.IPv6Network) and network.subnet_of(_MAPPED):
        return ipaddress.IPv4Network((int(network.network_address) & 0xFFFFFFFF, network.prefixlen - 96))
    return network
