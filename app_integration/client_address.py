"""The client's own address behind proxies, from headers that only a proxy that is trusted may have written.

Sources: RFC 7239 (Forwarded) and the X-Forwarded-For header that it stands for.
"""

import ipaddress
import re
from collections.abc import Iterable, Mapping
from typing import Final, Literal, Self

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Headers = Iterable[tuple[bytes, bytes]]

Header = Literal["x-forwarded-for", "forwarded"]

# for=192.0.2.1, for="[2001:db8::1]:80", among other parameters of an element.
_FOR: Final = re.compile(r"""(?i)(?:^|(?<=;))\s*for\s*=\s*(?:"(?P<quoted>[^"]*)"|(?P<plain>[^\s;"]*))\s*(?=;|$)""")
_PORT: Final = re.compile(r"^(?P<host>\[[^\]]*\]|[^:]*)(?::\d{1,5})?$")
# Hops of one request; a longer list is an attempt to make us work.
_MOST_HOPS: Final = 100


class TrustedProxies:
    """Networks whose hosts are our proxies. The address behind them is told by `client_address`.

    `header` is the one that they write: only that is read, since a proxy passes the other on as a client sent it.

    Raises:
        ValueError: there is no such header.
    """

    def __init__(self, networks: Iterable[Network], header: Header = "x-forwarded-for") -> None:
        if header not in ("x-forwarded-for", "forwarded"):
            msg = f"the header of trusted proxies: got {header!r}; it is x-forwarded-for or forwarded"
            raise ValueError(msg)
        self._networks = tuple(networks)
        self._name = header.encode()

    @classmethod
    def from_text(cls, text: str, header: Header = "x-forwarded-for") -> Self:
        """Read a list such as `127.0.0.1, 10.0.0.0/8, 2001:db8::/32`; empty for none.

        Raises:
            ValueError: a part is no address and no network; the message names it.
        """
        networks: list[Network] = []
        for part in filter(None, (part.strip() for part in text.split(","))):
            try:
                networks.append(ipaddress.ip_network(part))
            except ValueError:
                msg = f"trusted proxies: got {part!r}; an address or a network, such as 10.0.0.0/8, is needed"
                raise ValueError(msg) from None
        return cls(networks, header)

    def client_address(self, scope: Mapping[str, object]) -> str:
        """Return the client's address for an ASGI scope (`request.scope`), "" where there is none (a Unix socket).

        Where the server has put the client into the scope already (uvicorn with `--proxy-headers`), it is no proxy of
        ours any more, and stays.
        """
        client = scope.get("client")
        peer = str(client[0]) if isinstance(client, tuple | list) and client else ""
        headers = scope.get("headers")
        return self.behind(peer, headers if isinstance(headers, Iterable) else ())

    def behind(self, peer: str, headers: Headers) -> str:
        """Return the client's address, given the address of who has connected and the request's headers.

        The hops are walked from the nearest one on, as long as each is a proxy of ours: what is further out anybody
        may have written. A hop that is no address (`unknown`, `_hidden`, a
        mistake) ends the walk at the proxy that told it.
        """
        found = _address(peer)
        if found is None or not self._trusts(found):
            return peer
        for hop in self._hops(headers):
            told = _address(hop)
            if told is None:
                break
            found = told
            if not self._trusts(found):
                break
        return str(found)

    def _hops(self, headers: Headers) -> list[str]:
        """Return what the proxies have told, the nearest first."""
        # The lines of a header are one list (RFC 9110). No comma is within what a proxy writes of an address: one in a
        # quoted text is a client's, and must not hide what was added after it.
        text = b",".join(value for name, value in headers if name.lower() == self._name).decode("latin-1")
        hops = text.rsplit(",", _MOST_HOPS)[-_MOST_HOPS:] if text.strip() else []
        if self._name == b"forwarded":
            hops = [_for_of(element) for element in hops]
        return hops[::-1]

    def _trusts(self, address: Address) -> bool:
        return any(address.version == network.version and address in network for network in self._networks)


def _address(text: str) -> Address | None:
    """Read an address with or without brackets, port and zone; IPv4 inside IPv6 is unwrapped."""
    try:
        address = ipaddress.ip_address(text.strip().strip("[]").partition("%")[0])
    except ValueError:
        split = _PORT.match(text.strip())
        try:
            address = ipaddress.ip_address(split["host"].strip("[]").partition("%")[0] if split else "")
        except ValueError:
            return None
    mapped = getattr(address, "ipv4_mapped", None)
    return address if mapped is None else mapped


def _for_of(element: str) -> str:
    """Return the `for` of an element of `Forwarded`, "" where it has none, or two."""
    found = _FOR.findall(element.strip())
    return found[0][0] or found[0][1] if len(found) == 1 else ""
