"""The client's own address behind proxies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app_integration.client_address import Header, TrustedProxies

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
    ],
)
def test_forwarded_is_read_as_rfc_7239_has_it(told: str, client: str) -> None:
    """Quoted addresses, ports, other parameters, hidden hops, and what is malformed."""
    assert client == behind("10.0.0.1", (F, told), header="forwarded")


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
    with pytest.raises(ValueError, match="got 'x-real-ip'"):
        TrustedProxies((), "x-real-ip")  # type: ignore[arg-type]  # what a configuration may hold


_ANYTHING = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=60)


@given(_ANYTHING, st.integers(0, 2))
def test_nothing_that_a_client_writes_changes_who_it_is(written: str, lines: int) -> None:
    """Whatever stands left of what the proxies have added, in the same line or in others."""
    told = [*[(X, written)] * lines, (X, f"{written}, 203.0.113.7, 10.0.0.2")]
    assert behind("10.0.0.1", *told) == "203.0.113.7"
    hops = [*[(F, written)] * lines, (F, f'{written}, for="203.0.113.7:80", for=10.0.0.2')]
    assert behind("10.0.0.1", *hops, header="forwarded") == "203.0.113.7"
