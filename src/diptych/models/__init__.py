"""Models: the AI layer: card, registry, lineage, licence enforcement, usage, runtime."""
