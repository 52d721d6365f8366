"""Reads Vyper 0.2 to 0.4, with no compiler."""
