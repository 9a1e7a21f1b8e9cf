"""Rules, tried by promtool."""
