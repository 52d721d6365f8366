"""How commands print: JSON for programs, plain lines for people, nothing that drives a terminal."""

import errno
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence

import click

from diptych.core.errors import DiptychError, EnvironmentFault, JsonValue

_LISTED = 20


class CannotPrint(EnvironmentFault):
    """Standard output is full or closed; what the command did stands all the same."""

    code = "Environment.CannotPrint"


def say(text: str) -> None:
    """Print lines on stdout.

    Raises:
        CannotPrint: they did not all arrive.
    """
    try:
        if sys.stdout is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        click.echo(text)
    except OSError as error:
        raise cannot_print(error) from error


def cannot_print(error: OSError) -> CannotPrint:
    """Translate an error met while printing."""
    return CannotPrint(f"cannot write to standard output: {error.strerror}")


def plain(text: str) -> str:
    """Return text, which may come from a stranger, without what drives a terminal.

    >>> plain(f"a{chr(27)}[31m") == "a" + chr(92) + "x1b[31m"
    True
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else _escaped(c) for c in text)


def one_line(text: str) -> str:
    """Return `plain` text in which a line break cannot forge another line."""
    return plain(text).replace("\n", "\\n").replace("\t", "\\t")


def _escaped(char: str) -> str:
    return f"\\x{ord(char):02x}" if ord(char) < 256 else f"\\u{ord(char):04x}"


def print_json(data: Mapping[str, JsonValue]) -> None:
    """Print one JSON object on stdout; names that are not UTF-8 appear as escaped surrogates."""
    text = json.dumps(data, ensure_ascii=False, sort_keys=True)
    say(text.encode("utf-8", "backslashreplace").decode())


def print_error(error: DiptychError) -> None:
    """Print an error on stderr: its sentence, what evidence that leaves out, what to do next."""
    click.echo(f"error [{error.code}]: {_paragraph(error.message)}", err=True)
    for name, value in error.details.items():
        for line in _evidence(value):
            if line in error.message:
                continue
            click.echo(f"  {name}: {one_line(line)}", err=True)
    if error.hint:
        click.echo(f"hint: {_paragraph(error.hint)}", err=True)


def _paragraph(text: str) -> str:
    """Indent all lines but the first, so that none of them can pass for a line of ours."""
    return plain(text).replace("\n", "\n  ")


def _evidence(value: JsonValue) -> Iterator[str]:
    if isinstance(value, str | int):
        yield str(value)
    elif isinstance(value, list):
        yield from (_item(one) for one in value[:_LISTED])
        if len(value) > _LISTED:
            yield f"and {len(value) - _LISTED:,} more; --json lists them"


def _item(value: JsonValue) -> str:
    if isinstance(value, dict) and {"path", "reason"} <= value.keys():
        return f"{value['path']} {value['reason']}"
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def table(rows: Sequence[tuple[str, ...]], header: tuple[str, ...]) -> str:
    """Lay out rows as one table without blank lines."""
    lines = [header, *(tuple(one_line(cell) for cell in row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
