"""Counts one login at a time with the stock SDK and pushes after each. Its resource has no instance id.

Arguments: the service's name, how many logins.
"""

import os
import sys

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource

if __name__ == "__main__":
    service, times = sys.argv[1], int(sys.argv[2])
    resource = Resource({"service.name": service, "process.pid": os.getpid(), "process.command": "node server.js"})
    reader = PeriodicExportingMetricReader(OTLPMetricExporter(), export_interval_millis=3_600_000)
    provider = MeterProvider([reader], resource)
    logins = provider.get_meter("stock").create_counter("techsapo_auth_attempts_total")
    for _ in range(times):
        logins.add(1, {"status": "success", "method": "jwt"})
        assert provider.force_flush()
    provider.shutdown()
