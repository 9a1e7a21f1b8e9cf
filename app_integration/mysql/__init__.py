"""MySQL and MariaDB: statements of PyMySQL."""

from app_integration.mysql.instrumentor import MySqlInstrumentor

__all__ = ["MySqlInstrumentor"]
