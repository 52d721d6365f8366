"""`diptych audit`: faults in smart contracts."""

import click

from diptych.app.cli.catalogue import AUDIT_COMMANDS
from diptych.app.cli.lazy_group import LazyGroup

__all__ = ["audit"]


@click.group(cls=LazyGroup, places=AUDIT_COMMANDS)
def audit() -> None:
    """Find faults in smart contracts."""
