"""`techsapo-telemetry demo`: the reference app under traffic, and what was sent beside what was counted.

command.py is the entrance, session.py the course of events, delivery.py the ways that figures can take.
"""
