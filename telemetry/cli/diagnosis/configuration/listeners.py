"""The addresses that a Collector listens on: whether they are some, collide, and who reaches them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from itertools import combinations

from telemetry.cli.diagnosis.configuration.sentences import Sentences
from telemetry.cli.diagnosis.environment import is_loopback
from telemetry.cli.diagnosis.finding import Finding, broken, warn
from telemetry.cli.diagnosis.tree import Tree

TOKEN = "techsapo_otlp_token"  # noqa: S105  # the name of an extension
_MOST = 65_535


@dataclass(frozen=True, slots=True)
class Listener:
    """Something that listens: the option that says where, and where.

    Who may ask is checked if `guarded`. `set_to` is the option's value where that is not the whole address.
    """

    what: str
    option: str
    address: str
    guarded: bool = False
    set_to: str = ""

    @property
    def got(self) -> str:
        """What the option is set to, as a message has it."""
        return repr(self.set_to or self.address)

    @property
    def host_and_port(self) -> tuple[str, int] | None:
        """Its host, empty for all addresses, and port; None where the address is none."""
        host, colon, port = self.address.rpartition(":")
        bracketed = host.startswith("[") and host.endswith("]")
        if not colon or not port.isdecimal() or (":" in host) != bracketed or " " in host:
            return None
        return host.strip("[]"), int(port)


def listeners(options: Tree) -> list[Listener]:
    """Return all that listens in a configuration of ours."""
    found = []
    for protocol in options.keys("receivers", "otlp", "protocols"):
        path = ("receivers", "otlp", "protocols", protocol)
        if options.get(*path) is not None and options.text(*path, "transport") != "unix":
            what = f"the OTLP receiver ({protocol})"
            guarded = _asks_for_token(options, protocol) or _asks_for_certificate(options, *path)
            found.append(_listener(options, what, *path, guarded=guarded))
    if options.get("exporters", "prometheus") is not None:
        guarded = _asks_for_certificate(options, "exporters", "prometheus")
        found.append(_listener(options, "the page for Prometheus", "exporters", "prometheus", guarded=guarded))
    if "health_check" in options.names("service", "extensions"):
        # It tells whether the Collector is well, and nothing else.
        found.append(_listener(options, "the health check", "extensions", "health_check", guarded=True))
    return [*found, *_telemetry(options)]


def check_listeners(found: Sequence[Listener], say: Sentences) -> Iterator[Finding]:
    """Tell addresses that are none, two that are the same, and those that others reach."""
    for each in found:
        match each.host_and_port:
            case None:
                yield broken(each.option, f"{say.name(each.option)}: got {each.got}; accepts host:port")
            case (_, port) if not 0 < port <= _MOST:
                sentence = f"{say.name(each.option)}: got {each.got}; accepts a port from 1 to {_MOST}"
                yield broken(each.option, sentence)
            case (host, _) if not each.guarded and not is_loopback(host):
                yield _exposed(each, say)
    for one, other in combinations(found, 2):
        if _collide(one, other):
            sentence = f"{say.name(other.option)}: got {other.got}, where {one.what} listens; accepts another port"
            yield broken(other.option, sentence)


def _exposed(listener: Listener, say: Sentences) -> Finding:
    reached = f"{say.name(listener.option)}: got {listener.got}: whoever reaches that address"
    if listener.option.startswith("receivers."):
        remedy = "Set TECHSAPO_COLLECTOR_OTLP_TOKEN_FILE, or let it listen on 127.0.0.1"
        return warn(listener.option, f"{reached} can send figures, as no token is asked for", remedy)
    remedy = "Let it listen on 127.0.0.1 or in a network of its own, or ask for client certificates (tls)"
    return warn(listener.option, f"{reached} can read {listener.what}", remedy)


def _listener(options: Tree, what: str, *path: str, guarded: bool) -> Listener:
    return Listener(what, ".".join((*path, "endpoint")), options.text(*path, "endpoint"), guarded)


def _asks_for_token(options: Tree, protocol: str) -> bool:
    """Tell whether senders have to show something: our extension asks for nothing where it was given no token."""
    authenticator = options.text("receivers", "otlp", "protocols", protocol, "auth", "authenticator")
    if authenticator != TOKEN:
        return bool(authenticator)
    return any(options.text("extensions", TOKEN, option) for option in ("token", "token_file"))


def _asks_for_certificate(options: Tree, *path: str) -> bool:
    return bool(options.text(*path, "tls", "client_ca_file"))


def _telemetry(options: Tree) -> Iterator[Listener]:
    for number, exporter in enumerate(options.each("service", "telemetry", "metrics", "readers")):
        path = ("pull", "exporter", "prometheus")
        if exporter.get(*path) is not None:
            host, port = exporter.text(*path, "host"), exporter.get(*path, "port")
            option = f"service.telemetry.metrics.readers[{number}].{'.'.join(path)}.port"
            address = f"{f'[{host}]' if ':' in host else host}:{port}"
            yield Listener("the page of its own figures", option, address, set_to=str(port))


def _collide(one: Listener, other: Listener) -> bool:
    here, there = one.host_and_port, other.host_and_port
    if here is None or there is None or here[1] != there[1]:
        return False
    return here[0] == there[0] or _is_everywhere(here[0]) or _is_everywhere(there[0])


def _is_everywhere(host: str) -> bool:
    try:
        return not host or ip_address(host).is_unspecified
    except ValueError:
        return False
