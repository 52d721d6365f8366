"""`diptych data`: versions of data, where they come from, who may have them, what is erased."""

import click

from diptych.app.cli.catalogue import DATA_COMMANDS
from diptych.app.cli.lazy_group import LazyGroup

__all__ = ["data"]


@click.group(cls=LazyGroup, places=DATA_COMMANDS)
def data() -> None:
    """Add, trace, check, share and erase data."""
