"""`client-ip-bucket ADDRESS...`: the bucket under which an address is counted."""

import json
from argparse import Namespace

from telemetry.cli.command import Subparsers
from telemetry.contract.networks import client_ip_buckets
from telemetry.settings import Settings, SettingsError

_DESCRIPTION = """Tell the value of the label client_ip under which an address is counted: with the salt of
TECHSAPO_CLIENT_IP_SALT or TECHSAPO_CLIENT_IP_SALT_FILE, which must be the one of the processes and Collectors."""


def register(subparsers: Subparsers) -> None:
    """Add the command's parser."""
    parser = subparsers.add_parser(
        "client-ip-bucket", help="the bucket under which an address is counted", description=_DESCRIPTION
    )
    parser.add_argument("address", nargs="+", metavar="ADDRESS", help="IPv4 or IPv6, also with port, brackets or zone")
    parser.add_argument("--json", action="store_true", help="a list of objects with address and bucket")
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """Print a line for each address: its bucket, and itself.

    Raises:
        SettingsError: no salt is set; buckets under a random one would be nobody's.
    """
    salt = Settings.from_environ().salt
    if salt is None:
        accepts = (
            "the salt of the processes and Collectors whose buckets are asked for, or TECHSAPO_CLIENT_IP_SALT_FILE"
        )
        raise SettingsError("TECHSAPO_CLIENT_IP_SALT", "nothing", accepts)
    buckets = client_ip_buckets(salt)
    addresses: list[str] = arguments.address
    found = [(address, buckets.bucket(address)) for address in addresses]
    if arguments.json:
        print(json.dumps([{"address": address, "bucket": bucket} for address, bucket in found], indent=2))
    else:
        for address, bucket in found:
            print(f"{bucket:<10}{address if address.isprintable() else ascii(address)}")
    return 0
