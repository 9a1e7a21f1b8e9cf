"""Taking the figures out of the process: one push an endpoint, by the stock exporters."""

from telemetry.export.exporters import pushes
from telemetry.export.push import Push, flush
from telemetry.export.stock_page import StockPage

__all__ = ["Push", "StockPage", "flush", "pushes"]
