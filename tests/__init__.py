"""The tests: they start real servers and wait for conditions, never for a time."""
