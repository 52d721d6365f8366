"""Signatures that count twice, elsewhere, or for nobody."""
