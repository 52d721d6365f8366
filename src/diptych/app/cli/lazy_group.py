"""Groups that import a command only when it is run."""

import importlib
from collections.abc import Mapping
from typing import Any

import click

from diptych.app.cli.catalogue import CommandPlace


class LazyGroup(click.Group):
    """A group whose commands are named in the catalogue and imported on first use.

    Args:
        places: commands by name, in the order in which help lists them.
        settings: as `click.Group` takes them.
    """

    def __init__(self, *, places: Mapping[str, CommandPlace], **settings: Any) -> None:
        super().__init__(**settings)
        self.places = places

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return all names without importing anything."""
        return list(self.places)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        place = self.places.get(cmd_name)
        if place is None:
            return None
        module, _, attribute = place.target.partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands with the help lines of the catalogue."""
        if self.places:
            with formatter.section("Commands"):
                formatter.write_dl([(name, place.help) for name, place in self.places.items()])
