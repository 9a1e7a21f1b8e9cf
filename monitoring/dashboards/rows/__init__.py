"""Rows of panels, one module a subject."""
