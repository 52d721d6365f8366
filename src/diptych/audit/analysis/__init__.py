"""Analyses over program graphs: order, guards, effects."""
