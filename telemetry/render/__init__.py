"""Rendering: the files that repeat the contract and the settings are written from them, and checked."""

from telemetry.render.files import RENDERED, RenderedFile, RenderError, stale_files, write_files

__all__ = ["RENDERED", "RenderError", "RenderedFile", "stale_files", "write_files"]
