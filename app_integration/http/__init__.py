"""HTTP: requests, body sizes and WebSockets of Starlette and FastAPI applications."""

from app_integration.http.instrumentor import HttpInstrumentor
from app_integration.http.middleware import HttpMetricsMiddleware

__all__ = ["HttpInstrumentor", "HttpMetricsMiddleware"]
