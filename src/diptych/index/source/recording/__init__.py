"""Blocks that were recorded: JSON-RPC answers in files, or Parquet with one file for each table."""
