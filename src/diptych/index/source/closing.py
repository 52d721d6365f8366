"""Closing of sources: those that hold connections or files have `close`, others need none."""

from diptych.index.source.source import Source


def close_source(source: Source) -> None:
    """Close a source if it can be."""
    close = getattr(source, "close", None)
    if callable(close):
        close()
