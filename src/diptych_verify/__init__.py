"""Offline verifier of diptych bundles: the standard library and `cryptography`, nothing else."""
