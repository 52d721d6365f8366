"""Verbs on models: one per module, each a function that takes the workspace first."""
