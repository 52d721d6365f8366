"""Contracts: compiled artefacts and typed bindings; the sources stand in /contracts."""
