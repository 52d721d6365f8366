"""Index: from chain to reorg-safe tables, SQL and GraphQL."""
