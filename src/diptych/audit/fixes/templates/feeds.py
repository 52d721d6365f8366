"""Price feeds: demand an answer that is positive and fresh."""

from diptych.audit.fixes.edit import Edit
from diptych.audit.fixes.site import Site, expression_at
from diptych.audit.fixes.template import Template, Writer
from diptych.audit.fixes.walk import inside
from diptych.audit.syntax.statements import Declare
from diptych.audit.syntax.tree import Call, Member

__all__ = ["FRESH_ANSWER"]

_ROUND = "latestRoundData"
_MAX_AGE = "1 days"


def _fresh(site: Site, writer: Writer) -> list[Edit]:
    """Name the time of an answer and demand that it is recent."""
    call = expression_at(site, Call)
    place = site.place()
    if place is None or not isinstance(place.statement, Declare) or place.block is None:
        return []
    declared = place.statement
    calls = [call, *inside(declared)]
    if not any(
        isinstance(e, Call) and isinstance(e.function, Member) and e.function.name == _ROUND
        for e in calls
    ):
        return []
    if len(declared.variables) != 5 or declared.value is None or declared.variables[1] is None:
        return []
    answer, told = declared.variables[1].name, declared.variables[3]
    edits: list[Edit] = []
    name = "" if told is None else told.name
    if not name:
        name = site.free_name("updatedAt")
        edits = _named(site, declared, name)
        if not edits:
            return []
    test = f"{answer} > 0 && block.timestamp - {name} <= {_MAX_AGE}"
    return [*edits, *site.after(place, writer.check(test, "stale price"))]


def _named(site: Site, declared: Declare, name: str) -> list[Edit]:
    """Give the fourth of five gaps a variable."""
    assert declared.value is not None
    head = site.text.data[declared.start : declared.value.start]
    commas = [at for at, byte in enumerate(head) if byte == ord(",")]
    if len(commas) != 4:
        return []
    at, end = declared.start + commas[2] + 1, declared.start + commas[3]
    return [Edit(at, end, f" uint256 {name}")]


FRESH_ANSWER = Template(
    "demand a fresh answer",
    frozenset(),
    frozenset({"stale-oracle-price", "unchecked-oracle-answer"}),
    _fresh,
)
