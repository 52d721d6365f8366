"""What to index: contracts, entities and handlers, declared in Python or YAML."""
