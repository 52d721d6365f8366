"""Rows as ethereum-etl writes them, for those who come from it."""
