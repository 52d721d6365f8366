"""The frame around every command: common options, output, errors and exit codes."""

import functools
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ParamSpec

import click

from diptych.app.cli.faults import fault_of
from diptych.app.cli.given import FOLDER
from diptych.app.cli.printing import CannotPrint, plain, print_error, print_json, say
from diptych.core.errors import DiptychError, JsonValue, UsageError

P = ParamSpec("P")


@dataclass(frozen=True)
class Output:
    """What a command answers: `data` for `--json`, `text` for people, and its exit code."""

    data: dict[str, JsonValue]
    text: str
    exit_code: int = 0
    notes: tuple[str, ...] = field(default=())


class NoFolder(UsageError):
    """The folder given by `-C` does not exist."""

    code = "Usage.NoFolder"


def framed(function: Callable[P, Output]) -> Callable[..., None]:
    """Add `--json` and `--folder`, print the `Output`, turn errors into exit codes."""

    @click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
    @click.option(
        "-C",
        "--folder",
        type=FOLDER,
        help="Work as if started in this folder.",
    )
    @functools.wraps(function)
    def run(*, as_json: bool, folder: Path | None, **arguments: Any) -> None:
        context = click.get_current_context()
        try:
            context.obj = Frame(_started_in(folder), as_json)
            output = function(**arguments)  # type: ignore[call-arg]
        except CannotPrint:
            raise
        except Exception as error:
            shown = error if isinstance(error, DiptychError) else fault_of(error)
            if shown is None:
                raise
            shown.hint = shown.hint or f"{context.command_path} --help"
            _show_error(shown, as_json=as_json)
            context.exit(shown.exit_code)
        except KeyboardInterrupt:
            click.echo("interrupted: run the same command again to continue", err=True)
            context.exit(130)
        _show(output, as_json=as_json)
        context.exit(output.exit_code)

    return run


def _started_in(folder: Path | None) -> Path:
    if folder is None:
        return Path.cwd()
    if not folder.is_dir():
        raise NoFolder(f"there is no folder {folder}", hint="-C takes one that exists")
    return folder


@dataclass(frozen=True)
class Frame:
    """What the common options say."""

    folder: Path
    as_json: bool


def frame() -> Frame:
    """Return the frame of the running command."""
    found = click.get_current_context().obj
    assert isinstance(found, Frame)
    return found


def _show(output: Output, *, as_json: bool) -> None:
    if as_json:
        print_json(output.data)
    elif output.text:
        say(plain(output.text))
    for note in output.notes:
        click.echo(f"note: {plain(note)}", err=True)


def _show_error(error: DiptychError, *, as_json: bool) -> None:
    if as_json:
        print_json({"error": error.to_json()})
    else:
        print_error(error)


def is_interactive() -> bool:
    """Say whether a person can be asked something."""
    return sys.stdin.isatty() and sys.stderr.isatty()
