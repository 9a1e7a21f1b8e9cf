"""Redis: operations, connections and their failures."""

from app_integration.redis.instrumentor import RedisInstrumentor

__all__ = ["RedisInstrumentor"]
