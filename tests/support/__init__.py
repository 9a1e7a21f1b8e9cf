"""What the tests stand on: real servers with a deadline, an OTLP sink, and waiting for a condition."""
