"""Tensors of a model: their tree, proofs of single ones, and ancestry by overlap."""
