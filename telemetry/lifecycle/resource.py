"""Who this process is."""

import re
import uuid
from collections.abc import Mapping

from opentelemetry.sdk.resources import SERVICE_INSTANCE_ID, Resource

# What the Collector tells senders apart by, and no more: a resource may carry an owner's name or a command line.
WANTED = re.compile(r"service\..+|telemetry\.sdk\..+|deployment\.environment\.name")


def new_instance_id(attributes: Mapping[str, str]) -> str:
    """Return a `service.instance.id` that no other process has.

    One that is told in the environment is shared by all workers, who would overwrite each other in the Collector: it
    becomes the first part.
    """
    told = attributes.get(SERVICE_INSTANCE_ID)
    return f"{told}/{uuid.uuid4()}" if told else str(uuid.uuid4())


def full_resource(attributes: Mapping[str, str], instance_id: str) -> Resource:
    """Return the stock SDK's resource, for traces and logs."""
    return Resource.create({**attributes, SERVICE_INSTANCE_ID: instance_id})


def metrics_resource(attributes: Mapping[str, str], instance_id: str) -> Resource:
    """Return what of that goes out with metrics."""
    found = full_resource(attributes, instance_id).attributes
    return Resource({name: value for name, value in found.items() if WANTED.fullmatch(name)})
