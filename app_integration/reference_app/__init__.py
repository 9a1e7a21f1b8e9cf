"""An application with telemetry, to copy from: `uvicorn app_integration.reference_app:app`.

It analyses questions, caches the answers in Redis and keeps a history in MySQL. Nothing here sets telemetry up: that
is `opentelemetry-instrument`'s part. What only the application can know, it records in instruments.py.
"""

from app_integration.reference_app.application import app, create_app
from app_integration.reference_app.settings import Settings

__all__ = ["Settings", "app", "create_app"]
