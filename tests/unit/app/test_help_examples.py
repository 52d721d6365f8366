"""`--help` of every `diptych data` command shows an example, which the command understands."""

import re
import shlex
from collections.abc import Iterator

import click
import pytest

from diptych.app.cli import cli

_EXAMPLE = re.compile(r"\n  Example: diptych ((?:.|\n    )+)\n")


def _commands(group: click.Group, context: click.Context) -> Iterator[tuple[str, click.Context]]:
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        assert found is not None
        inner = click.Context(found, parent=context, info_name=name)
        if isinstance(found, click.Group):
            yield from _commands(found, inner)
        else:
            yield inner.command_path.removeprefix("diptych "), inner


def _data() -> dict[str, click.Context]:
    top = click.Context(cli, info_name="diptych")
    data = cli.get_command(top, "data")
    assert isinstance(data, click.Group)
    return dict(_commands(data, click.Context(data, parent=top, info_name="data")))


COMMANDS = _data()


@pytest.mark.parametrize("path", COMMANDS)
def test_help_shows_an_example_that_parses(path: str) -> None:
    context = COMMANDS[path]
    shown = _EXAMPLE.search(re.sub(r"(?<=\S)\n  (?=\S)", " ", context.get_help()) + "\n")
    assert shown, context.get_help()
    words = shlex.split(shown[1])
    assert " ".join(words).startswith(f"{path}"), words
    context.command.make_context(path, words[len(path.split()) :])


@pytest.mark.parametrize("path", COMMANDS)
def test_help_shows_the_defaults_of_options(path: str) -> None:
    for option in COMMANDS[path].command.params:
        plain = isinstance(option, click.Option) and not option.is_flag and not option.multiple
        if plain and option.default not in (None, "", 0.0) and "UNSET" not in repr(option.default):
            assert isinstance(option, click.Option)
            assert option.show_default or "default" in (option.help or ""), option.name


def test_an_example_that_does_not_parse_would_be_noticed() -> None:
    command = COMMANDS["data add"].command
    with pytest.raises(click.UsageError):
        command.make_context("add", ["visits.csv", "--nothing"])
