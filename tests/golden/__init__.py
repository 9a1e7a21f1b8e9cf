"""Tests against files that a diff explains."""
