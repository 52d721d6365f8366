"""Private attributes that are known to be safe: numbers that images need to be understood.

Source: DICOM PS3.15 2026d, Table E.3.10-1, less what is no number (a code can be
any word); a profile may name more.
"""

from collections.abc import Iterator
from functools import cache

from diptych.data.imaging.table import lines_of

PLAIN = frozenset({"DS", "FD", "FL", "IS", "SL", "SS", "UL", "US"})
"""Value representations of the attributes of the table; one with another is not what it says."""


@cache
def load_safe() -> frozenset[tuple[str, int, int]]:
    """Read the safe attributes: creator, group, last byte of the element.

    >>> ("SIEMENS MR HEADER", 0x0019, 0x0C) in load_safe()
    True
    """
    found = set()
    for line in lines_of("safe_private.tsv")[2:]:
        creator, group, listed = line.split("\t")
        found |= {(creator, int(group, 16), element) for element in _elements(listed)}
    return frozenset(found)


def is_safe(place: tuple[str, int, int], vr: str, named: frozenset[tuple[str, int, int]]) -> bool:
    """Tell whether a private attribute may stay.

    Args:
        place: creator, group, last byte of the element.
        vr: its value representation in the file.
        named: attributes that a profile answers for, whatever they hold.
    """
    return place in named or (vr in PLAIN and place in load_safe())


def _elements(listed: str) -> Iterator[int]:
    for one in listed.split():
        first, _, last = one.partition("-")
        yield from range(int(first, 16), int(last or first, 16) + 1)
