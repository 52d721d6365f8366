"""Provenance: manifest, statement, log, checkpoint, anchor, bundle, trust policy."""
