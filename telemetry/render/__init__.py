"""Rendering: the files that repeat the contract are written from it, and checked against it."""

from telemetry.render.files import RENDERED, RenderedFile, RenderError, stale_files, write_files

__all__ = ["RENDERED", "RenderError", "RenderedFile", "stale_files", "write_files"]
