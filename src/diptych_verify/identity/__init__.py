"""Who a signing key belongs to: did:web documents, X.509 chains, verifiable credentials."""
