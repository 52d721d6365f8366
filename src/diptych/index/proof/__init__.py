"""Proof of what an index holds: single rows by receipts, whole states by the log."""
