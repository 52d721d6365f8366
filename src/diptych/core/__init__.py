"""Core: settings, errors, canonical JSON and digests, plugins, clock, progress."""
