"""Tokens that do not behave as the contract takes for granted, and shares in what it holds."""
