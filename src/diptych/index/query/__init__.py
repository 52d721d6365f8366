"""Asking an index: GraphQL as The Graph's clients send it, over snapshots of a store."""
