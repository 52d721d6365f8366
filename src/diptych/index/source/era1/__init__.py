"""Blocks of era1 files: history before the merge, with receipts, needing no node."""
