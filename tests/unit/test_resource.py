"""Who a process says it is."""

from telemetry.lifecycle.resource import metrics_resource, new_instance_id


def test_only_what_tells_the_service_apart_goes_out() -> None:
    """A resource may carry an owner, a host or a command line: they stay in the process."""
    told = {
        "service.name": "shop",
        "service.version": "1.2",
        "service.namespace": "market",
        "deployment.environment.name": "test",
        "host.name": "alices-laptop",
        "process.owner": "alice",
        "telemetry.sdk.name": "opentelemetry",
    }
    names = set(metrics_resource(told, "id").attributes)

    own = {"telemetry.sdk.name", "telemetry.sdk.language", "telemetry.sdk.version", "service.instance.id"}
    assert own | {"service.name", "service.version", "service.namespace", "deployment.environment.name"} == names


def test_every_process_has_an_id_of_its_own() -> None:
    """Two workers under one id would overwrite each other in the Collector."""
    assert new_instance_id({}) != new_instance_id({})


def test_an_id_from_the_environment_becomes_the_first_part() -> None:
    """An orchestrator gives one to the whole pod: its workers still differ."""
    told = {"service.instance.id": "pod-7"}
    one, other = new_instance_id(told), new_instance_id(told)

    assert one.startswith("pod-7/")
    assert other.startswith("pod-7/")
    assert one != other
