"""PS3.15 Table E.1-1: what the basic profile and its options do with each attribute.

Source: DICOM PS3.15 2026d, Table E.1-1, all columns; types of attributes from PS3.3. The heads of
the data files name the copies they were compared with.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

OPTIONS: Mapping[str, tuple[str, str]] = {
    "uids": ("113110", "Retain UIDs Option"),
    "device": ("113109", "Retain Device Identity Option"),
    "institution": ("113112", "Retain Institution Identity Option"),
    "patient": ("113108", "Retain Patient Characteristics Option"),
    "dates": ("113106", "Retain Longitudinal Temporal Information Full Dates Option"),
    "modified-dates": ("113107", "Retain Longitudinal Temporal Information Modified Dates Option"),
    "descriptors": ("113105", "Clean Descriptors Option"),
    "content": ("113104", "Clean Structured Content Option"),
    "graphics": ("113103", "Clean Graphics Option"),
    "private": ("113111", "Retain Safe Private Option"),
}
"""Options by their name here: code and meaning in CID 7050."""

_FORCE = {"X": 0, "Z": 1, "U*": 1, "D": 2}
_NEEDED = {"1": 2, "2": 1, "3": 0}
_STORAGE = "1.2.840.10008.5.1.4."


@dataclass(frozen=True)
class Rule:
    """One row: keyword, action of the basic profile, and what options do instead."""

    keyword: str
    basic: str
    options: Mapping[str, str]

    def action(self, retained: Collection[str]) -> str:
        """Return the action under some options; cleaning wins over keeping."""
        said = {self.options[name] for name in retained if name in self.options}
        return "C" if "C" in said else "K" if "K" in said else self.basic


class Table:
    """All rows, found by tag.

    Args:
        rows: by tag in eight hex digits, repeating groups as `50xxxxxx`, and `private`.
    """

    def __init__(self, rows: Mapping[str, Rule]) -> None:
        self.rows = rows

    def find(self, tag: int) -> Rule | None:
        """Return the row of a tag, None if the table does not name it."""
        group = tag >> 16
        if group & 1:
            return self.rows["private"]
        if group & 0xFF00 == 0x5000:
            return self.rows["50xxxxxx"]
        if group & 0xFF00 == 0x6000:
            return self.rows.get(f"60xx{tag & 0xFFFF:04x}")
        return self.rows.get(f"{tag:08x}")


@cache
def load_table() -> Table:
    """Read the table that comes with the package.

    >>> load_table().find(0x00100010).basic
    'Z'
    """
    rows = {}
    _, header, *lines = lines_of("table_e1_1.tsv")
    names = header.split("\t")[3:]
    for line in lines:
        tag, keyword, basic, *cells = line.split("\t")
        options = {name: cell for name, cell in zip(names, cells, strict=False) if cell}
        rows[tag] = Rule(keyword, basic, options)
    return Table(rows)


@cache
def load_types() -> Mapping[str, Mapping[int, str]]:
    """Read the types 1 and 2 (PS3.3) of attributes with a combined action, by SOP class."""
    types: dict[str, Mapping[int, str]] = {}
    for line in lines_of("types.tsv")[2:]:
        listed, _, classes = line.partition("\t")
        pairs = (one.split(":") for one in listed.split())
        found = {int(tag, 16): kind for tag, kind in pairs}
        types |= dict.fromkeys((_STORAGE + one for one in classes.split()), found)
    return types


def resolve(action: str, tag: int, sop_class: str) -> str:
    """Choose among combined actions by the attribute's type in the object's definition.

    Args:
        action: for example `X/Z/D`.
        tag: of the attribute.
        sop_class: empty inside a sequence or if unknown: then what suits every type is chosen.

    >>> resolve("X/D", 0x00181030, "1.2.840.10008.5.1.4.1.1.2"), resolve("X/D", 0x00181030, "")
    ('X', 'D')
    """
    choices = sorted(action.split("/"), key=lambda one: _FORCE.get(one, 0))
    if len(choices) == 1:
        return choices[0]
    if "U*" in choices:
        return "U*"  # references stay, with new UIDs: series remain linked
    known = load_types().get(sop_class)
    needed = 2 if known is None else _NEEDED[known.get(tag, "3")]
    return next((one for one in choices if _FORCE[one] >= needed), choices[-1])


def lines_of(name: str) -> list[str]:
    """Return the lines of a data file of this package."""
    text = (files(__package__) / name).read_text(encoding="utf-8")
    return text.splitlines()
