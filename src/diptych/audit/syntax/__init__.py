"""Reads source text into one syntax tree, whatever the language."""
