"""`diptych model`: versions of models, what they come from, who may use them and how."""

import click

from diptych.app.cli.catalogue import MODEL_COMMANDS
from diptych.app.cli.lazy_group import LazyGroup

__all__ = ["model"]


@click.group(cls=LazyGroup, places=MODEL_COMMANDS)
def model() -> None:
    """Publish, trace, license, use and reproduce models."""
