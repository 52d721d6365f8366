"""Faults that belong to no other family."""
