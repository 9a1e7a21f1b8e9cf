"""The day's budget: what all workers together have spent today, and no more than the limit."""

from app_integration.budget.exceeded import BudgetExceededError
from app_integration.budget.guard import BudgetGuard
from app_integration.budget.stores import FileStore, MemoryStore, RedisStore, Store

__all__ = ["BudgetExceededError", "BudgetGuard", "FileStore", "MemoryStore", "RedisStore", "Store"]
