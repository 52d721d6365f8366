"""Solidity 0.4-0.8 by tree-sitter: fragments and broken files give all that can be read."""
