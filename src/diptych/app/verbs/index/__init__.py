"""Indexes of chains: run, replay, ask, serve."""
