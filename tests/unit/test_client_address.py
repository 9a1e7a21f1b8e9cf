"""The client's own address behind proxies."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers
from starlette.types import Scope
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app_integration.client_address import Header, TrustedProxies, network_of

PROXIES = "10.0.0.0/8, 127.0.0.1, 2001:db8:1::/48"
X, F = b"X-Forwarded-For", b"Forwarded"


def behind(peer: str, *lines: tuple[bytes, str], header: Header = "x-forwarded-for") -> str:
    """Return the address for a peer and header lines."""
    headers = [(name, value.encode("latin-1")) for name, value in lines]
    return TrustedProxies.from_text(PROXIES, header).behind(peer, headers)


@pytest.mark.parametrize(
    ("told", "client"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("203.0.113.7, 10.0.0.2", "203.0.113.7"),
        ("198.51.100.1, 203.0.113.7, 10.0.0.2", "203.0.113.7"),
        (" 203.0.113.7:4711 ", "203.0.113.7"),
        ("2001:db8:2::1", "2001:db8:2::1"),
        ("[2001:db8:2::1]:443", "2001:db8:2::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("203.0.113.7, unknown, 10.0.0.2", "10.0.0.2"),
        ("203.0.113.7, , 10.0.0.2", "10.0.0.2"),
        ("203.0.113.7, 10.0.0.2, 010.0.0.3", "10.0.0.1"),
        ("::ffff:10.0.0.3", "10.0.0.3"),
        ("203.0.113.7, ::ffff:10.0.0.3", "203.0.113.7"),
        ("203.0.113.7, 2001:DB8:1:0::2", "203.0.113.7"),
        ("[203.0.113.7]", "10.0.0.1"),
        ("203.0.113.7:", "10.0.0.1"),
        ("203.0.113.7%eth0", "10.0.0.1"),
        ("]203.0.113.7[", "10.0.0.1"),
        ("", "10.0.0.1"),
    ],
)
def test_the_nearest_hop_that_is_no_proxy_is_the_client(told: str, client: str) -> None:
    """From right to left; what is further out anybody may have written."""
    assert client == behind("10.0.0.1", (X, told))


@pytest.mark.parametrize(
    ("told", "client"),
    [
        ("for=203.0.113.7", "203.0.113.7"),
        ('for="203.0.113.7:4711";proto=https;by=10.0.0.1', "203.0.113.7"),
        ('For="[2001:db8:2::1]:443", for=10.0.0.2', "2001:db8:2::1"),
        ("for=198.51.100.1, proto=http;for=203.0.113.7", "203.0.113.7"),
        ("for=203.0.113.7, for=_hidden", "10.0.0.1"),
        ("for=203.0.113.7, for=unknown", "10.0.0.1"),
        ("proto=https", "10.0.0.1"),
        ("for=203.0.113.7;for=198.51.100.1", "10.0.0.1"),
        ('for="203.0.113.7', "10.0.0.1"),
        ('for="x, for=203.0.113.7', "203.0.113.7"),
        ('for="[2001:db8:2::1]:_http"', "2001:db8:2::1"),
        ("for=[2001:db8:2::1]:80", "2001:db8:2::1"),
        ('for="203.0.113.\\7"', "203.0.113.7"),
        ("for=203.0.113.7;;proto=http;", "203.0.113.7"),
        ("for =203.0.113.7", "10.0.0.1"),
        ("xfor=203.0.113.7", "10.0.0.1"),
        # Of a Host header that a proxy has quoted, as it must.
        ('for=203.0.113.7;host="a, for=198.51.100.1;x="', "203.0.113.7"),
        (r'for=203.0.113.7;host="a\", for=198.51.100.1;x=\""', "203.0.113.7"),
        (r'for=203.0.113.7;host="a\\", for=10.0.0.2', "203.0.113.7"),
    ],
)
def test_forwarded_is_read_as_rfc_7239_has_it(told: str, client: str) -> None:
    """Quoted addresses, ports, other parameters, hidden hops, and what is malformed."""
    assert client == behind("10.0.0.1", (F, told), header="forwarded")


def test_a_long_header_is_read_in_one_go() -> None:
    """Where blanks were looked at again from each of them on, this would end in hours."""
    told = f"for=198.51.100.1;{' ' * 1_000_000}="
    assert behind("10.0.0.1", (F, f"{told}, for=10.0.0.2"), header="forwarded") == "10.0.0.2"


def test_who_is_no_proxy_is_not_believed() -> None:
    """Its headers are its own."""
    assert behind("203.0.113.9", (X, "198.51.100.1")) == "203.0.113.9"


def test_the_header_that_proxies_do_not_write_is_not_read() -> None:
    """They pass it on as a client sent it."""
    lines = ((F, "for=198.51.100.1"), (X, "203.0.113.7"))
    assert behind("10.0.0.1", *lines) == "203.0.113.7"
    assert behind("10.0.0.1", *lines, header="forwarded") == "198.51.100.1"


def test_several_lines_are_one_list() -> None:
    """In their order."""
    assert behind("10.0.0.1", (X, "198.51.100.1"), (X, "203.0.113.7"), (X, "10.0.0.2")) == "203.0.113.7"


def test_x_real_ip_is_read_where_it_is_asked_for() -> None:
    """It tells of one hop; of two headers nobody knows which is the proxy's."""
    one, other = (b"X-Real-IP", "203.0.113.7"), (b"x-real-ip", "198.51.100.1")
    assert behind("10.0.0.1", one) == "10.0.0.1"
    assert behind("10.0.0.1", one, header="x-real-ip") == "203.0.113.7"
    assert behind("203.0.113.9", one, header="x-real-ip") == "203.0.113.9"
    assert behind("10.0.0.1", one, other, header="x-real-ip") == "10.0.0.1"
    assert behind("10.0.0.1", (b"x-real-ip", "203.0.113.7, 198.51.100.1"), header="x-real-ip") == "10.0.0.1"


def test_a_list_without_end_is_not_walked_to_it() -> None:
    """So many hops, and no more."""
    assert behind("10.0.0.1", (X, "203.0.113.7" + ", 10.0.0.2" * 99)) == "203.0.113.7"
    assert behind("10.0.0.1", (X, "203.0.113.7" + ", 10.0.0.2" * 20_000)) == "10.0.0.2"


def test_headers_are_read_in_any_form() -> None:
    """As ASGI has them, as text, and as a mapping."""
    trusted = TrustedProxies.from_text(PROXIES)
    for headers in (
        [(b"X-Forwarded-For", b"203.0.113.7")],
        [("X-Forwarded-For", "203.0.113.7")],
        {"X-Forwarded-For": "203.0.113.7"},
        Headers({"x-forwarded-for": "203.0.113.7"}),
    ):
        assert trusted.behind("10.0.0.1", headers) == "203.0.113.7"


@pytest.mark.parametrize(("peer", "told"), [("::ffff:203.0.113.9", "203.0.113.9"), ("testclient", "testclient")])
def test_a_peer_is_told_like_a_hop(peer: str, told: str) -> None:
    """As one address whoever has told it; one that is none, as it is."""
    assert told == behind(peer, (X, "198.51.100.1"))


@pytest.mark.parametrize("network", ["::ffff:10.0.0.0/104", "10.0.0.0/8"])
def test_networks_of_ipv4_inside_ipv6_are_networks_of_ipv4(network: str) -> None:
    """As addresses are."""
    trusted = TrustedProxies.from_text(network)
    assert trusted.behind("::ffff:10.0.0.1", {"x-forwarded-for": "203.0.113.7"}) == "203.0.113.7"
    assert trusted.behind("10.0.0.1", {"x-forwarded-for": "203.0.113.7"}) == "203.0.113.7"


def test_who_connects_by_a_unix_socket_is_a_proxy_where_that_is_said() -> None:
    """It has no address; a server in front of the application on the same machine connects so."""
    scope = {"client": None, "headers": [(b"x-forwarded-for", b"203.0.113.7, 10.0.0.2")]}
    assert TrustedProxies.from_text("10.0.0.0/8, unix").client_address(scope) == "203.0.113.7"
    assert TrustedProxies.from_text("unix").client_address(scope) == "10.0.0.2"
    assert TrustedProxies.from_text("unix").client_address({"client": None}) == ""


def test_a_scope_is_read_as_it_is() -> None:
    """With a client and without one, and after the server has put the client there."""
    trusted = TrustedProxies.from_text(PROXIES)
    headers = [(b"x-forwarded-for", b"203.0.113.7")]
    assert trusted.client_address({"client": ("127.0.0.1", 1), "headers": headers}) == "203.0.113.7"
    assert trusted.client_address({"client": ("203.0.113.7", 0), "headers": headers}) == "203.0.113.7"
    assert trusted.client_address({"client": None, "headers": headers}) == ""
    assert trusted.client_address({}) == ""


@pytest.mark.parametrize("text", ["10.0.0.0/33", "proxy.example.com", "10.0.0.1/8"])
def test_a_wrong_network_is_refused(text: str) -> None:
    """The error names it."""
    with pytest.raises(ValueError, match="trusted proxies: got"):
        TrustedProxies.from_text(f"127.0.0.1, {text}")


def test_a_wrong_header_is_refused() -> None:
    """The error names it, too."""
    with pytest.raises(ValueError, match="got 'client-ip'"):
        TrustedProxies((), "client-ip")  # type: ignore[arg-type]  # what a configuration may hold


_ANYTHING = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=60)
_NASTY = st.text(st.sampled_from('",;=\\ for10.:[]'), max_size=40)


def quoted(text: str) -> str:
    """Quote a text as RFC 7230 has it."""
    return '"' + text.replace("\\", r"\\").replace('"', r"\"") + '"'


@given(_ANYTHING | _NASTY, st.integers(0, 2))
def test_nothing_that_a_client_writes_changes_who_it_is(written: str, lines: int) -> None:
    """Whatever stands left of what the proxies have added, in the same line or in others."""
    told = [*[(X, written)] * lines, (X, f"{written}, 203.0.113.7, 10.0.0.2")]
    assert behind("10.0.0.1", *told) == "203.0.113.7"
    hops = [*[(F, written)] * lines, (F, f'{written}, for="203.0.113.7:80", for=10.0.0.2')]
    assert behind("10.0.0.1", *hops, header="forwarded") == "203.0.113.7"


@given(_ANYTHING | _NASTY, _ANYTHING | _NASTY)
def test_nothing_that_a_proxy_passes_on_within_quotes_changes_it(written: str, host: str) -> None:
    """Such as the Host header of a request."""
    line = f"{written}, for=203.0.113.7;host={quoted(host)}, for=10.0.0.2;host={quoted(host)};proto=https"
    assert behind("10.0.0.1", (F, line), header="forwarded") == "203.0.113.7"


_HOPS = st.lists(
    st.sampled_from(
        ["203.0.113.7", "198.51.100.1:80", "10.0.0.2", "10.0.0.3:4711", "127.0.0.1", "[2001:db8:1::2]:80", "", "::1"]
    ),
    max_size=6,
)


@given(_HOPS, st.sampled_from(["127.0.0.1", "127.0.0.1,10.0.0.2", "10.0.0.0/8,127.0.0.1,2001:db8:1::/48", ""]))
def test_a_server_that_has_read_the_header_before_changes_nothing(hops: list[str], servers: str) -> None:
    """The middleware of uvicorn, as long as it trusts nobody else."""
    trusted, seen = TrustedProxies.from_text(PROXIES), list[str]()

    async def app(scope: Scope, receive: object, send: object) -> None:
        del receive, send
        seen.append(trusted.client_address(scope))

    def scope() -> Scope:
        return {"type": "http", "client": ("127.0.0.1", 1), "headers": [(X.lower(), ", ".join(hops).encode())]}

    asyncio.run(app(scope(), None, None))
    asyncio.run(ProxyHeadersMiddleware(app, servers)(scope(), None, None))  # type: ignore[arg-type]  # it asks nobody
    assert seen[0] == seen[1]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:2:3:4::1", "2001:db8:2:3::/64"),
        ("2001:db8:2:3:ffff:ffff:ffff:ffff", "2001:db8:2:3::/64"),
        ("2001:db8:2:4::1", "2001:db8:2:4::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("", ""),
        ("testclient", "testclient"),
    ],
)
def test_a_client_of_ipv6_has_a_whole_network(address: str, network: str) -> None:
    """Who counts by single addresses counts as many clients as one host likes to be."""
    assert network == network_of(address)
