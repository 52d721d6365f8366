"""What to index: contracts, entities and handlers, declared in Python or YAML."""

from diptych.index.manifest import kinds

__all__ = ["kinds"]
