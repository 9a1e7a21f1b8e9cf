"""What is wrong with a Collector's configuration: by its own validation, and beyond it."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from telemetry.cli.diagnosis.configuration.binary import CollectorBinary
from telemetry.cli.diagnosis.configuration.errors import Fault, faults
from telemetry.cli.diagnosis.configuration.listeners import check_listeners, listeners
from telemetry.cli.diagnosis.configuration.options import check_options
from telemetry.cli.diagnosis.configuration.policy import check_policy
from telemetry.cli.diagnosis.configuration.sentences import Sentences
from telemetry.cli.diagnosis.finding import Finding, broken, warn
from telemetry.cli.diagnosis.tree import Tree
from telemetry.variables import SettingsError, address

POLICY = ("processors", "techsapo_policy")
_PROMETHEUS = ("exporters", "prometheus")
# Two of the intervals at which our processes push.
_LEAST_EXPIRATION_SECONDS = 30.0
_GUARD = "techsapo_otlp_guard"

# Without these the names and labels of the contract do not arrive as they are.
_NEEDED = {"translation_strategy": "UnderscoreEscapingWithoutSuffixes", "without_scope_info": True}


def check_configuration(
    binary: CollectorBinary, files: Sequence[Path], environment: Mapping[str, str]
) -> list[Finding]:
    """Return what is wrong with configuration files, given in the order in which the Collector takes them.

    `environment` is what is set, as people may see it.

    Raises:
        CollectorError: the binary cannot be asked.
    """
    say = Sentences(files, environment)
    told = faults(binary.validate(files))
    found = [_finding(binary, files, say, fault) for fault in told]
    options = binary.read(files)
    if options is None:
        return found
    more = [
        *check_policy(options, binary.folder, say),
        *check_options(options, say),
        *check_listeners(listeners(options), say),
        *_check_authenticators(options),
        *_check_guard(options),
        *_check_pipelines(options),
        *_check_exporter(options, say),
        *_check_expirations(options, say),
        *_check_forward(options, say),
    ]
    # What the Collector says of an option is told once.
    named = {finding.about for finding in found}
    return [*found, *(finding for finding in more if finding.about not in named)]


def _finding(binary: CollectorBinary, files: Sequence[Path], say: Sentences, fault: Fault) -> Finding:
    """Return a fault as a finding; of several files the one that is no YAML is looked for."""
    if "yaml: " in fault.said and len(files) > 1:
        for file in files:
            if fault in faults(binary.validate([file])):
                return Sentences([file], say.environment).finding(fault)
    return say.finding(fault)


def _check_authenticators(options: Tree) -> Iterator[Finding]:
    started = options.names("service", "extensions")
    for protocol in options.keys("receivers", "otlp", "protocols"):
        path = ("receivers", "otlp", "protocols", protocol, "auth", "authenticator")
        if (name := options.text(*path)) and name not in started:
            sentence = f"{'.'.join(path)}: got {name!r}; accepts one of service.extensions: {', '.join(started)}"
            yield broken(".".join(path), sentence)


def _check_guard(options: Tree) -> Iterator[Finding]:
    for protocol in options.keys("receivers", "otlp", "protocols"):
        path = ("receivers", "otlp", "protocols", protocol)
        # A protocol that is not configured is there as null.
        if options.keys(*path) and all(each.text("id") != _GUARD for each in options.each(*path, "middlewares")):
            option = ".".join((*path, "middlewares"))
            sentence = f"{option}: {_GUARD} is missing: a single request can end the Collector"
            yield broken(option, sentence, f"Set it to [{{id: {_GUARD}}}], and name that under service.extensions")


def _check_pipelines(options: Tree) -> Iterator[Finding]:
    for pipeline in options.keys("service", "pipelines"):
        path = ("service", "pipelines", pipeline, "processors")
        if "techsapo_policy" not in options.names(*path):
            sentence = f"{'.'.join(path)}: techsapo_policy is missing: what comes in goes out with personal data in it"
            yield broken(".".join(path), sentence, "Put it last of the processors")


def _check_exporter(options: Tree, say: Sentences) -> Iterator[Finding]:
    # A misspelt option of this exporter passes the Collector's validation: what holds is what counts.
    for name, needed in _NEEDED.items():
        got = options.get(*_PROMETHEUS, name)
        if options.keys(*_PROMETHEUS) and got != needed:
            option = ".".join((*_PROMETHEUS, name))
            wanted = str(needed).lower() if isinstance(needed, bool) else needed
            shown = str(got).lower() if isinstance(got, bool) else got
            sentence = f"{say.name(option)}: got {shown}; accepts {wanted}: names and labels are the contract's then"
            yield broken(option, sentence)


def _check_expirations(options: Tree, say: Sentences) -> Iterator[Finding]:
    instance, metric = options.number(*POLICY, "instance_expiration"), options.number(*_PROMETHEUS, "metric_expiration")
    if instance is None or metric is None:
        return
    instance, metric = instance / 1e9, metric / 1e9
    if metric < _LEAST_EXPIRATION_SECONDS:
        option = ".".join((*_PROMETHEUS, "metric_expiration"))
        sentence = f"{say.name(option)}: got {metric:g} s: series vanish between two pushes of 15 s"
        yield warn(option, sentence, f"Set it to {_LEAST_EXPIRATION_SECONDS:g}s or more, with its unit, such as 90s")
    if instance < metric:
        option = ".".join((*POLICY, "instance_expiration"))
        sentence = (
            f"{say.name(option)}: got {instance:g} s, less than exporters.prometheus.metric_expiration ({metric:g} s): "
            "an instance is forgotten while its series are shown, and they may fall"
        )
        yield warn(option, sentence, f"Set it to {metric:g}s or more")


def _check_forward(options: Tree, say: Sentences) -> Iterator[Finding]:
    if value := say.environment.get("TECHSAPO_COLLECTOR_FORWARD"):
        sends = [
            name
            for pipeline in options.keys("service", "pipelines")
            for name in options.names("service", "pipelines", pipeline, "exporters")
            if name.startswith("otlp")
        ]
        if not sends:
            sentence = (
                f"TECHSAPO_COLLECTOR_FORWARD: got {value!r}, and no pipeline exports OTLP: traces and logs are dropped"
            )
            remedy = "Add --config collector/config/forward.yaml, or unset it"
            yield warn("exporters.otlp_http", sentence, remedy)
    option = "exporters.otlp_http.endpoint"
    if endpoint := options.text("exporters", "otlp_http", "endpoint"):
        try:
            address(say.name(option), endpoint)
        except SettingsError as error:
            yield broken(option, str(error))
