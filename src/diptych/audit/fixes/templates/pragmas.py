"""Pragmas: name the compiler that was shown to take the source."""

import re

from diptych.audit.compile.pragmas import candidates
from diptych.audit.fixes.edit import Edit
from diptych.audit.fixes.site import Site
from diptych.audit.fixes.template import Template, Writer

__all__ = ["PINNED"]

_PRAGMA = re.compile(r"pragma\s+solidity\b[^;]*;\Z")


def _pinned(site: Site, _writer: Writer) -> list[Edit]:
    """Name one version, where every file of the program takes it."""
    said = site.slice(site.start, site.end)
    version = ".".join(str(part) for part in site.version)
    pinned = f"pragma solidity {version};"
    if not _PRAGMA.match(said) or said == pinned:
        return []
    unit = site.contract.unit
    if all(each.kind != "contract" for each in unit.tree.contracts):
        return []  # a library or a base: those who use it choose
    joined = [each for each in site.program.units if each is not unit and unit in each.visible]
    if not candidates([pinned, *(said for each in joined for said in each.tree.pragmas)]):
        return []
    return [Edit(site.start, site.end, pinned)]


PINNED = Template(
    "name one compiler", frozenset(), frozenset({"compiler-version"}), _pinned, inert=True
)
