"""Tests through real servers, from a request to the figures."""
