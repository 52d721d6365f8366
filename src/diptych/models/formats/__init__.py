"""Model formats: what can be loaded safely, and what is refused with advice."""
