"""From chunks to commits: decode, call handlers, make versions, follow reorganisations."""
