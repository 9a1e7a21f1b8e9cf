"""Monitoring as code: thresholds, recording rules and alerts, rendered to what Prometheus reads."""
