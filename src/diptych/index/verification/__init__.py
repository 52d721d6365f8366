"""Blocks recomputed from what an endpoint or file tells, and receipts proven to others."""
