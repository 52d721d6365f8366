"""The frame around every command: common options, output, errors and exit codes."""

import functools
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ParamSpec

import click

from diptych.core.errors import DiptychError, JsonValue

P = ParamSpec("P")


@dataclass(frozen=True)
class Output:
    """What a command answers: `data` for `--json`, `text` for people, and its exit code."""

    data: dict[str, JsonValue]
    text: str
    exit_code: int = 0
    notes: tuple[str, ...] = field(default=())


def framed(function: Callable[P, Output]) -> Callable[..., None]:
    """Add `--json` and `--folder`, print the `Output`, turn errors into exit codes."""

    @click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
    @click.option(
        "-C",
        "--folder",
        type=click.Path(path_type=Path, file_okay=False),
        help="Work as if started in this folder.",
    )
    @functools.wraps(function)
    def run(*, as_json: bool, folder: Path | None, **arguments: Any) -> None:
        context = click.get_current_context()
        context.obj = Frame(folder or Path.cwd(), as_json)
        try:
            output = function(**arguments)  # type: ignore[call-arg]
        except DiptychError as error:
            _show_error(error, as_json=as_json)
            context.exit(error.exit_code)
        except KeyboardInterrupt:
            click.echo("interrupted: run the same command again to continue", err=True)
            context.exit(130)
        _show(output, as_json=as_json)
        context.exit(output.exit_code)

    return run


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
        click.echo(json.dumps(output.data, ensure_ascii=False, sort_keys=True))
    elif output.text:
        click.echo(output.text)
    for note in output.notes:
        click.echo(f"note: {note}", err=True)


def _show_error(error: DiptychError, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"error": error.to_json()}, ensure_ascii=False, sort_keys=True))
        return
    click.echo(f"error [{error.code}]: {error.message}", err=True)
    for name, value in error.details.items():
        if isinstance(value, str | int):
            click.echo(f"  {name}: {value}", err=True)
    if error.hint:
        click.echo(f"hint: {error.hint}", err=True)


def is_interactive() -> bool:
    """Say whether a person can be asked something."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def table(rows: Sequence[tuple[str, ...]], header: tuple[str, ...]) -> str:
    """Lay out rows as one table without blank lines."""
    lines = [header, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
