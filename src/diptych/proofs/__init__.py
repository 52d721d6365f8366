"""Proofs: verification levels for inference, from commitment to zero knowledge."""
