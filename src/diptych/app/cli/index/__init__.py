"""`diptych index`: chains as tables."""

import click

from diptych.app.cli.index.catalogue import INDEX_COMMANDS
from diptych.app.cli.lazy_group import LazyGroup

__all__ = ["index"]


@click.group(cls=LazyGroup, places=INDEX_COMMANDS)
def index() -> None:
    """Keep what contracts did as tables."""
