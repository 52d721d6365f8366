"""Text: characters that turn it round are taken out, or written as what they are."""

from diptych.audit.fixes.edit import Edit
from diptych.audit.fixes.site import Site
from diptych.audit.fixes.template import Template, Writer

__all__ = ["READABLE"]

# The controls of the Unicode bidirectional algorithm (UAX #9).
_TURNS = frozenset(
    map(chr, (0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
)


def _readable(site: Site, _writer: Writer) -> list[Edit]:
    """Drop them in a comment, escape them in a literal: the code stays the same.

    All of a comment or a line at once, for compilers refuse those that do not match.
    """
    comments = site.contract.unit.tree.comments
    comment = next((each for each in comments if each[0] <= site.start < each[1]), None)
    line = site.finding.location.line
    start = site.text.line_starts[line - 1]
    stretch = comment or (start, start + len(site.text.line(line).encode()))
    edits: list[Edit] = []
    at = stretch[0]
    for char in site.slice(*stretch):
        end = at + len(char.encode())
        if char in _TURNS:
            edits.append(Edit(at, end, "" if comment else f"\\u{ord(char):04x}"))
        at = end
    return edits


READABLE = Template(
    "show the character",
    frozenset({"SWC-130"}),
    frozenset({"hidden-text-direction"}),
    _readable,
    inert=True,
)
