"""GraphQL made from a manifest's entities."""
