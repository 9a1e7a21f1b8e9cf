"""Networks that have a bucket of their own, and where IPv6 carries an IPv4 address: lists, not a library's notion."""

from telemetry.privacy import ClientIpBuckets

# RFC 1918, RFC 6598 (carrier-grade NAT), RFC 3927 and RFC 4291 (link-local), RFC 4193 (unique local).
PRIVATE_NETWORKS = (
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "169.254.0.0/16",
    "fe80::/10",
    "fc00::/7",
)

# RFC 1122 section 3.2.1.3, RFC 4291 section 2.5.3.
LOOPBACK_NETWORKS = ("127.0.0.0/8", "::1/128")

# "No address": what a socket shows that has none. Counted as `invalid`.
UNSPECIFIED_NETWORKS = ("0.0.0.0/32", "::/128")

# (network, byte at which the IPv4 address starts, whether its bits are inverted); the first that matches holds.
EMBEDDED_IPV4 = (
    ("::ffff:0:0/96", 12, False),  # IPv4-mapped, RFC 4291
    ("::ffff:0:0:0/96", 12, False),  # IPv4-translated, RFC 2765
    ("64:ff9b::/96", 12, False),  # NAT64 well-known prefix, RFC 6052
    ("::/96", 12, False),  # IPv4-compatible, RFC 4291 (deprecated)
    ("2002::/16", 2, False),  # 6to4, RFC 3056
    ("2001::/32", 12, True),  # Teredo: the client's address, RFC 4380
)


def client_ip_buckets(salt: bytes) -> ClientIpBuckets:
    """Return the buckets of client addresses under the contract's networks; ValueError on an empty salt."""
    return ClientIpBuckets(
        salt,
        private=PRIVATE_NETWORKS,
        loopback=LOOPBACK_NETWORKS,
        unspecified=UNSPECIFIED_NETWORKS,
        embedded_ipv4=EMBEDDED_IPV4,
    )
