"""Command line: lazy imports, three doors, `--json` everywhere.

Exit codes: 0 ok, 1 findings or verification failed, 2 usage or configuration, 3 environment,
141 when the reader of the output has left.
"""

import gc
import os
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress

import click

from diptych.app.cli.catalogue import COMMANDS, DOORS
from diptych.app.cli.lazy_group import LazyGroup
from diptych.app.cli.printing import CannotPrint, cannot_print, print_error, print_json
from diptych.core.errors import UsageError

__all__ = ["cli", "main"]

_COLLECT_EVERY = 20_000
"""Objects between two searches for garbage; importing alone makes more than 700, the default."""

_READER_LEFT = 128 + 13
"""What a shell shows for a program that ended by SIGPIPE."""


class _Doors(LazyGroup):
    """The top of the tree: commands stand behind their doors."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for door, title in DOORS.items():
            rows = [(name, place.help) for name, place in self.places.items() if place.door == door]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)


@click.group(cls=_Doors, places=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="diptych", message="%(version)s")
def cli() -> None:
    """Every AI answer and every on-chain action gets a receipt that anyone can check."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; the entry point of the `diptych` program.

    A wrong command line gives one JSON object too where `--json` was asked for.

    Args:
        arguments: for a call from Python, which ends with `SystemExit`. Without them this is the
            program itself, which ends its process.
    """
    if arguments is not None:
        _run(list(arguments))
        return
    gc.set_threshold(_COLLECT_EVERY)
    try:
        _run(sys.argv[1:])
    except SystemExit as end:
        _leave(end)
        raise


def _run(words: list[str]) -> None:
    try:
        code = _invoke(words)
    except CannotPrint as error:
        code = _output_lost(error, error.__cause__)
    except OSError as error:  # Of `--help` and the like: commands translate their own.
        code = _output_lost(cannot_print(error), error)
    sys.exit(code)


def _invoke(words: list[str]) -> int:
    as_json = "--json" in words
    try:
        return int(cli(words, prog_name="diptych", standalone_mode=False) or 0)
    except click.ClickException as error:
        if as_json:
            asked = getattr(error, "ctx", None)
            program = asked.command_path if asked else "diptych"
            wrong = UsageError(error.format_message(), hint=f"{program} --help")
            print_json({"error": wrong.to_json()})
        else:
            error.show()
        return error.exit_code
    except click.Abort:
        if as_json:
            print_json({"error": UsageError("aborted by the person at the terminal").to_json()})
        else:
            click.echo("Aborted!", err=True)
        return 1


def _output_lost(error: CannotPrint, cause: BaseException | None) -> int:
    """Return the exit code: a reader that left is told nothing, as other programs do it."""
    with suppress(OSError, ValueError, AttributeError):  # What is buffered has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if isinstance(cause, BrokenPipeError):
        return _READER_LEFT
    with suppress(OSError):
        print_error(error)
    return error.exit_code


def _leave(end: SystemExit) -> None:
    """End the process without taking the interpreter apart, which costs 10 ms and frees nothing.

    Nothing waits for it: what matters is synced where it is written, and temporary files belong to
    context managers. Returns if a thread still runs or the output cannot be flushed; then the
    interpreter ends as usual.
    """
    if threading.active_count() > 1 or not isinstance(end.code, int):
        return
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError):  # full, closed, or never there
        return
    os._exit(end.code)
