"""Client addresses become one of 515 buckets: bounded, salted, the same however an address is spelled."""

import hashlib
import pickle
import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from socket import inet_pton

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from telemetry.contract.networks import EMBEDDED_IPV4, LOOPBACK_NETWORKS, PRIVATE_NETWORKS, client_ip_buckets
from telemetry.privacy import ALL_BUCKETS, ClientIpBuckets

SALT = b"test salt of a unit test"
BUCKETS = client_ip_buckets(SALT)

PRIVATE = [
    ip_network(text)
    for text in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "169.254.0.0/16",
        "fe80::/10",
        "fc00::/7",
    )
]

ipv4 = st.integers(0, 2**32 - 1).map(IPv4Address)
ipv6 = st.integers(0, 2**128 - 1).map(IPv6Address)
# Addresses of the networks that are treated apart, which random ones never meet.
special = st.sampled_from([*PRIVATE_NETWORKS, *LOOPBACK_NETWORKS, *(entry[0] for entry in EMBEDDED_IPV4)]).flatmap(
    lambda text: st.integers(0, ip_network(text).num_addresses - 1).map(lambda index: ip_network(text)[index])
)
addresses = ipv4 | ipv6 | special


def carried(address: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address in an IPv6 one, by the standard library's notion and the networks it has none of."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    for network in ("64:ff9b::/96", "::ffff:0:0:0/96", "::/96"):
        if address in ip_network(network):
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def expected_bucket(address: IPv4Address | IPv6Address) -> str:
    """Return the bucket by the `ipaddress` module and a hash written out."""
    if isinstance(address, IPv6Address) and int(address) > 1:
        inner = carried(address)
        if inner is not None:
            return expected_bucket(inner)
    if int(address) == 0:
        return "invalid"
    if address.is_loopback:
        return "loopback"
    if any(address in network for network in PRIVATE if network.version == address.version):
        return "private"
    canonical = str(address if address.version == 4 else ip_network((address, 64), strict=False))
    return f"v{address.version}-{hashlib.sha256(SALT + canonical.encode('ascii')).hexdigest()[:2]}"


@given(addresses)
@example(IPv6Address("::"))
@example(IPv6Address("::2"))
@example(IPv6Address("2002:7f00:1::"))
def test_every_address_gets_the_bucket_that_the_standard_library_would_give(address: IPv4Address | IPv6Address) -> None:
    """An oracle on the `ipaddress` module agrees."""
    assert expected_bucket(address) == BUCKETS.bucket(str(address))


@given(
    ipv6,
    st.sampled_from(["compressed", "exploded", "upper"]),
    st.sampled_from(["", "%eth0", "%25en0", "%1"]),
    st.sampled_from(["", ":0", ":443", ":65535"]),
    st.sampled_from(["", " ", "\t\r\n"]),
)
def test_every_spelling_of_an_ipv6_address_gets_one_bucket(
    address: IPv6Address, form: str, zone: str, port: str, blank: str
) -> None:
    """Case, compression, zone, brackets, port and blanks make no difference."""
    text = {"compressed": str(address), "exploded": address.exploded, "upper": str(address).upper()}[form] + zone
    spelled = f"[{text}]{port}" if port else text
    assert BUCKETS.bucket(str(address)) == BUCKETS.bucket(blank + spelled + blank)


@given(
    ipv4,
    st.sampled_from(["{}", "{}:8080", "[{}]", "[{}]:1", " {} ", "::ffff:{}", "[::ffff:{}%eth0]:80", "64:ff9b::{}"]),
)
def test_every_spelling_of_an_ipv4_address_gets_one_bucket(address: IPv4Address, form: str) -> None:
    """Port, brackets, blanks and IPv6 around it make no difference."""
    assert BUCKETS.bucket(str(address)) == BUCKETS.bucket(form.format(address))


@given(ipv6, st.integers(0, 2**64 - 1))
def test_addresses_of_one_64_share_a_bucket(address: IPv6Address, host: int) -> None:
    """A subscriber's /64 is one client, whatever host part it takes."""
    neighbour = IPv6Address(int(address) >> 64 << 64 | host)
    if carried(address) is None and carried(neighbour) is None and int(address) >> 64:
        assert BUCKETS.bucket(str(address)) == BUCKETS.bucket(str(neighbour))


@given(st.text() | st.text("0123456789abcdef:.%[]v-/ ", max_size=50) | addresses.map(str))
def test_the_bucket_is_one_of_515_and_stays_itself(text: str) -> None:
    """Whatever comes, the value is of the domain, and masking it again changes nothing."""
    bucket = BUCKETS.bucket(text)
    assert bucket in ALL_BUCKETS
    assert bucket == BUCKETS.bucket(bucket)


@given(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.binary()
    | ipv4
    | ipv6
    | st.lists(addresses.map(str))
    | st.tuples(addresses.map(str))
)
def test_what_is_no_text_is_invalid(value: object) -> None:
    """Numbers, bytes, sequences and address objects are no address, and raise nothing."""
    assert BUCKETS.bucket(value) == "invalid"


def test_there_are_515_buckets() -> None:
    """256 for IPv4, 256 for IPv6, and three by name."""
    assert len(set(ALL_BUCKETS)) == 515
    assert {"v4-00", "v4-ff", "v6-00", "v6-ff", "private", "loopback", "invalid"} <= set(ALL_BUCKETS)


def test_every_hashed_bucket_can_be_met() -> None:
    """No bucket is out of reach: 20,000 addresses of each version meet all 256."""
    met = {BUCKETS.bucket(str(IPv4Address(0x08000000 + n))) for n in range(20_000)}
    met |= {BUCKETS.bucket(str(IPv6Address(0x20010DB8 << 96 | n << 64))) for n in range(20_000)}
    assert {bucket for bucket in ALL_BUCKETS if bucket.startswith("v")} == met


def test_a_subclass_of_str_is_read_as_the_text_that_it_is() -> None:
    """Methods that a subclass overrides are not called."""

    class Hostile(str):
        __slots__ = ()

        def __len__(self) -> int:
            raise RuntimeError

        def strip(self, chars: str | None = None, /) -> str:
            raise RuntimeError(chars)

        def __hash__(self) -> int:
            raise RuntimeError

        def __eq__(self, other: object) -> bool:
            raise RuntimeError

    assert BUCKETS.bucket("198.51.100.7") == BUCKETS.bucket(Hostile("198.51.100.7"))


def test_another_salt_spreads_addresses_otherwise() -> None:
    """Buckets tell nothing to one who has not the salt."""
    other = client_ip_buckets(b"another salt, as long")
    sample = [str(IPv4Address(0x08000000 + n)) for n in range(100)]
    assert [other.bucket(text) for text in sample] != [BUCKETS.bucket(text) for text in sample]


def test_the_salt_is_nowhere_to_be_seen() -> None:
    """Neither the representation nor an attribute holds it, and a bucket cannot be pickled."""
    attributes = [repr(getattr(BUCKETS, name)) for name in ClientIpBuckets.__slots__]
    assert "ClientIpBuckets(salt=***)" == repr(BUCKETS)
    assert not any(SALT.decode() in text for text in attributes)
    with pytest.raises(TypeError):
        pickle.dumps(BUCKETS)


def test_an_empty_salt_is_refused() -> None:
    """Without a salt the buckets of all four billion addresses are a table anyone can make."""
    with pytest.raises(ValueError, match=r"salt .* is empty"):
        client_ip_buckets(b"")


def test_networks_come_from_the_lists_that_are_given() -> None:
    """An address is private because a list says so, not because a library does."""
    buckets = ClientIpBuckets(
        SALT, private=["198.51.100.0/24"], loopback=["2001:db8::/32"], unspecified=[], embedded_ipv4=[]
    )
    assert "private" == buckets.bucket("198.51.100.7")
    assert "loopback" == buckets.bucket("2001:db8::1")
    assert [f"v4-{hashlib.sha256(SALT + b'10.0.0.1').hexdigest()[:2]}", "v6"] == [
        buckets.bucket("10.0.0.1"),
        buckets.bucket("::ffff:10.0.0.1")[:2],
    ]


def test_a_platform_that_reads_leading_zeros_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some take 010 for ten, some for eight: a spelling that is not canonical is no address anywhere."""

    def lenient(family: int, text: str) -> bytes:
        outer, colon, quad = text.rpartition(":")
        return inet_pton(family, outer + colon + ".".join(str(int(octet)) for octet in quad.split(".")))

    monkeypatch.setattr("telemetry.privacy.client_ip.inet_pton", lenient)
    assert "private" == BUCKETS.bucket("10.1.1.1")
    assert ["invalid", "invalid"] == [BUCKETS.bucket("010.1.1.1"), BUCKETS.bucket("::ffff:010.1.1.1")]


def test_an_ipv4_network_cannot_carry_an_address() -> None:
    """A wrong list is an error where it is given."""
    with pytest.raises(ValueError, match=r"198\.51\.100\.0/24 cannot carry"):
        ClientIpBuckets(SALT, private=[], loopback=[], unspecified=[], embedded_ipv4=[("198.51.100.0/24", 0, False)])


def test_a_hundred_thousand_addresses_leave_no_trace_in_memory() -> None:
    """Nothing is kept of an address: there is no cache to fill."""
    for n in range(1_000):
        BUCKETS.bucket(str(IPv4Address(0x08000000 + n)))
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for n in range(100_000):
            BUCKETS.bucket(str(IPv4Address(0x09000000 + n)))
        after = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert after - before < 10_000


def test_threads_share_one_instance() -> None:
    """Eight threads at once get what one gets alone."""
    sample = [str(ip_address(0x08000000 + n)) for n in range(2_000)]
    alone = [BUCKETS.bucket(text) for text in sample]
    together = threading.Barrier(8)

    def run(_: int) -> list[str]:
        together.wait(30)
        return [BUCKETS.bucket(text) for text in sample]

    with ThreadPoolExecutor(8) as threads:
        assert [alone] * 8 == list(threads.map(run, range(8)))
