"""TechSapo telemetry."""
