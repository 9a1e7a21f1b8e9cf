"""What `make` runs: setting up, locking, building the pinned tools, judging a test run."""
