"""Audit: source and bytecode to program graph to findings, fixes and gas."""
