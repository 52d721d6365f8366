"""Rewrites, one a file; `table` lists them in the order in which they are tried."""
