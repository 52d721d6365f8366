"""Replays of recorded runs: a folder built as it was, a process of its own, and a comparison."""
