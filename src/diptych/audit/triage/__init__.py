"""Which findings count: baselines, and suppressions with reasons."""
