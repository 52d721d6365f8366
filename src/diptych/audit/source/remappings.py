"""Remappings as the Solidity compiler reads them: `context:prefix=target`."""

import os.path
from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["Remapping", "mapped", "parse_remappings", "relative_name"]

_MAX_REMAPPINGS = 5_000
_MAX_CHARS = 1_000
_MAX_TRIED = 32


class Remapping(NamedTuple):
    """An import that begins with `prefix`, in a file whose name begins with `context`."""

    context: str
    prefix: str
    target: str


def parse_remappings(lines: Iterable[object]) -> tuple[Remapping, ...]:
    """Read remappings; what is none, or is too long, is passed over.

    >>> parse_remappings(["lib/a/:@oz/=lib/a/oz/", "nothing"])
    (Remapping(context='lib/a/', prefix='@oz/', target='lib/a/oz/'),)
    """
    found: list[Remapping] = []
    for line in lines:
        if not isinstance(line, str) or len(line) > _MAX_CHARS:
            continue
        head, equals, target = line.strip().partition("=")
        context, colon, prefix = head.rpartition(":")
        if equals and prefix and "\x00" not in line:
            found.append(Remapping(context if colon else "", prefix.strip(), target.strip()))
        if len(found) >= _MAX_REMAPPINGS:
            break
    return tuple(found)


def mapped(said: str, importer: str, remappings: Iterable[Remapping]) -> list[str]:
    """Return what an import is mapped to: longest context first, then longest prefix, then last.

    Where many remappings fit, as only hostile ones do, the first few are returned.

    Args:
        said: the import, not relative.
        importer: name of the file that imports, from the project's folder.
        remappings: all there are.
    """
    fitting = [
        each
        for each in remappings
        if said.startswith(each.prefix) and importer.startswith(each.context)
    ]
    fitting.reverse()
    fitting.sort(key=lambda each: (-len(each.context), -len(each.prefix)))
    return [each.target + said[len(each.prefix) :] for each in fitting[:_MAX_TRIED]]


def relative_name(said: str, importer: str) -> str:
    """Return the source name that a relative import means: dots are worked off, none opened."""
    return os.path.normpath(os.path.join(os.path.dirname(importer), said)).replace(os.sep, "/")
