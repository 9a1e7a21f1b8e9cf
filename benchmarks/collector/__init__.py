"""What the Collector takes beside the same binary without the policy: CPU a record, and memory."""
