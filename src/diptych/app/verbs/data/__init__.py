"""Verbs on data: one per module, each a function that takes the workspace first."""
