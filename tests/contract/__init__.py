"""Tests of the contract and of what is rendered from it."""
