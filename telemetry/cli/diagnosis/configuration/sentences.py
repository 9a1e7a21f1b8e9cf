"""A sentence for each thing that the Collector's validation can say, in the words of the person who configures it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from telemetry.cli.diagnosis.configuration.errors import Fault
from telemetry.cli.diagnosis.configuration.places import place_of
from telemetry.cli.diagnosis.finding import Finding, broken
from telemetry.variables import SECRETS, show

_SALT = "16 bytes or more, the same as the senders'"
_READABLE = "a file that can be read"
_RENDER = "`make render` writes it from the contract; its path is taken from the folder that the Collector starts in"
NO_OPTION = "{name}: no option is called that"
NO_OPTION_REMEDY = "Correct it or take it out: the component's README lists its options"
_KINDS = {
    "string": "text",
    "bool": "true or false",
    "int": "a whole number",
    "uint": "a whole number",
    "float": "a number",
    "[]interface {}": "a list",
    "map[string]interface {}": "a mapping",
}
_SECRET_OPTION = re.compile(r"salt$|token$|password|secret|headers|authorization", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Rule:
    """What is said, as a pattern, and the sentence and remedy for it, which may name its groups.

    `{name}` is the variable that the option is read from, else the option; `{got}` is what it is set to; `option` is
    where what is said does not tell it; `{beside}` is the name of the option `beside` next to it.
    """

    said: str
    sentence: str
    remedy: str = ""
    option: str = ""
    beside: str = ""


_RULES = (
    _Rule(
        r"set it, or client_ip_salt_file, .*",
        "{name}: got nothing; accepts " + _SALT + ", or {beside}",
        beside="client_ip_salt_file",
    ),
    _Rule(
        r"set it or (?P<other>\w+), not both",
        "{name}: got a value beside {beside}; accepts one of the two",
        "Unset one of them",
        beside="{other}",
    ),
    _Rule(r"it has (?P<bytes>\d+) bytes; 16 or more are needed", "{name}: got {bytes} bytes; accepts " + _SALT),
    _Rule(
        r"a token of (?P<bytes>\d+) bytes; (?P<least>\d+) or more are needed",
        "{name}: got a token of {bytes} bytes; accepts {least} bytes or more, without spaces",
    ),
    _Rule(
        r"it holds a \$, which a configuration expands; put it into (?P<other>\w+)",
        "{name}: got a text with a $, which the Collector would expand; accepts one without, or {beside}",
        beside="{other}",
    ),
    _Rule(r"it holds no token", "{name}: got no token; accepts one a line"),
    _Rule(
        r"the policy cannot be read: open (?P<file>.+): (?P<why>.+)",
        "{name}: got '{file}'; accepts " + _READABLE + " ({why})",
        _RENDER,
        option="policy_file",
    ),
    _Rule(
        r"(?P<file>.+) is no policy: (?P<why>.+); render it again from the contract",
        "{name}: got '{file}', which is no policy ({why}); accepts what is rendered from the contract",
        _RENDER,
        option="policy_file",
    ),
    _Rule(r"it must name the policy .*", "{name}: got nothing; accepts the path of policy.json", _RENDER),
    _Rule(
        r"(?:open|read) (?P<file>.+): (?P<why>.+)",
        "{name}: got '{file}'; accepts " + _READABLE + " ({why})",
    ),
    _Rule(
        r".*unable to read the file file:.+: (?:open|read) (?P<file>.+): (?P<why>.+)", "{file} cannot be read ({why})"
    ),
    _Rule(r"(?P<got>\S+) is less than (?P<least>\S+)", "{name}: got {got}; accepts {least} or more"),
    _Rule(r"(?P<got>\S+) is not more than (?P<least>\S+)", "{name}: got {got}; accepts more than {least}"),
    _Rule(r"time: .*duration.*", "{name}: got {got}; accepts a duration, such as 90s or 2m"),
    _Rule(
        r"expected type '(?P<wanted>[a-z]+)\d*', got unconvertible type '(?P<type>.+)'",
        "{name}: got {got}, which is {type}; accepts {wanted}",
    ),
    _Rule(r"has invalid keys", NO_OPTION, NO_OPTION_REMEDY),
    _Rule(
        r'unknown type: "(?P<type>[^"]+)" for id: "[^"]*" \(valid values: \[(?P<known>.*)\]\)',
        "{name}: got {type}, which is not built in; accepts {known}",
    ),
    _Rule(
        r'references (?P<kind>\w+) "(?P<id>[^"]+)" which is not configured',
        "{name}: got the {kind} {id}, which is not configured; accepts those under {kind}s",
    ),
    _Rule(r"must have at least one (?P<kind>\w+)", "{name}: got no {kind}; accepts one or more"),
    _Rule(
        r"at least one endpoint must be specified|.*endpoint must be specified.*",
        "{name}: got nothing; accepts http://host:port or https://host:port",
        option="endpoint",
    ),
    _Rule(
        r"http endpoint required|expecting a non-blank address .*",
        "{name}: got nothing; accepts host:port",
        option="endpoint",
    ),
    _Rule(
        r"'(?P<first>limit_mib)' or .* must be greater than zero",
        "{name}: got {got}; accepts a whole number of MiB above 0",
        option="limit_mib",
    ),
    _Rule(
        r"'spike_limit_mib' must be smaller than 'limit_mib'",
        "{name}: got {got}; accepts less than {beside}",
        option="spike_limit_mib",
        beside="limit_mib",
    ),
    _Rule(
        r".*yaml: (?:unmarshal errors: )?line (?P<line>\d+): (?P<why>.+)",
        "{file} is no YAML: line {line} or the lines around it: {why}",
        "Spaces, never tabs, tell what belongs to what",
    ),
    _Rule(
        r"unsupported type=uint64 .*",
        "A variable holds more digits than a number may have",
        "A salt or token needs a letter, or a file: TECHSAPO_CLIENT_IP_SALT_FILE, TECHSAPO_COLLECTOR_OTLP_TOKEN_FILE",
    ),
    _Rule(
        r'environment variable "(?P<variable>.*)" has invalid name.*',
        "A variable is called {variable}: its name may have letters, digits and _ only",
    ),
    _Rule(
        r'scheme "(?P<scheme>.*)" is not supported for uri.*',
        "${{{scheme}:...}}: got the scheme {scheme}; accepts env, file and yaml",
        "A $ that stands for itself is written $$",
    ),
)


@dataclass(frozen=True, slots=True)
class Sentences:
    """Makes findings of faults: `files` are the configurations, `environment` what is set as people may see it."""

    files: Sequence[Path]
    environment: Mapping[str, str]

    def finding(self, fault: Fault) -> Finding:
        """Return a fault as a finding; the Collector's own words where it says something unknown."""
        for rule in _RULES:
            if told := re.fullmatch(rule.said, fault.said):
                option = ".".join(filter(None, (fault.option, rule.option)))
                words = {name: _KINDS.get(text, text) for name, text in told.groupdict().items() if text is not None}
                beside = rule.beside.format(**words)
                given = {
                    "name": self.name(option),
                    "got": self.got(option),
                    "file": " and ".join(map(str, self.files)),
                    "beside": self.name(f"{option.rpartition('.')[0]}.{beside}") if beside else "",
                    **words,
                }
                if "known" in given:
                    given["known"] = ", ".join(sorted(given["known"].split()))
                return broken(option, rule.sentence.format(**given), rule.remedy.format(**given))
        subject = f"{self.name(fault.option)}: " if fault.option else ""
        return broken(fault.option, f"{subject}{_without_passwords(fault.said)}", "")

    def name(self, option: str) -> str:
        """Return the variable that an option is read from, else the option."""
        place = place_of(option, self.files)
        return place.variable if place and place.variable else option

    def got(self, option: str) -> str:
        """Return what an option is set to, as a message may carry it."""
        place = place_of(option, self.files)
        if place is None:
            return "nothing"
        if place.variable:
            value = self.environment.get(place.variable)
            return "a value that is not shown" if place.variable in SECRETS else repr(value or place.value)
        return "a value that is not shown" if _SECRET_OPTION.search(option) else show(option, place.value)


def _without_passwords(text: str) -> str:
    return show("", text)[1:-1]
