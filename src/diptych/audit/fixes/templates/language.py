"""Slips of the language: mistyped operators, lost data locations, hidden names, wrong asserts."""

import re

from diptych.audit.fixes.edit import Edit
from diptych.audit.fixes.site import Site, expression_at
from diptych.audit.fixes.template import Template, Writer
from diptych.audit.fixes.walk import around, inside
from diptych.audit.syntax.statements import Declare, Evaluate, Variable
from diptych.audit.syntax.tree import Binary, Call, Name

__all__ = ["IN_MEMORY", "RENAMED", "REQUIRE", "TYPED_RIGHT"]

_MISTYPED = re.compile(rb"=\s*([+\-])(?=\s*[\w(])")


def _typed_right(site: Site, _writer: Writer) -> list[Edit]:
    place = site.place()
    if place is None:
        return []
    start, end = place.statement.start, place.statement.end
    said = place.statement.expression if isinstance(place.statement, Evaluate) else None
    if isinstance(said, Binary) and said.operator == "==":
        at = site.text.data.find(b"==", said.left.end, said.right.start)
        return [Edit(at, at + 2, "=")] if at >= 0 else []
    found = [*_MISTYPED.finditer(site.text.data, start, end)]
    if len(found) != 1 or site.text.data[found[0].start() - 1 : found[0].start()] in (b"=", b"!"):
        return []
    return [Edit(found[0].start(), found[0].end(), f"{found[0][1].decode()}=")]


def _in_memory(site: Site, _writer: Writer) -> list[Edit]:
    """Put a struct that points at the first slot into memory."""
    if site.function is None or site.function.body is None:
        return []
    held = [*reversed(around(site.function.body, site.start, site.end))]
    name = site.source(held[0]).strip() if held else ""
    declared = [each for each in held if isinstance(each, Declare)] or [
        each
        for each in inside(site.function.body)
        if isinstance(each, Declare) and any(v and v.name == name for v in each.variables)
    ]
    variable = declared[0].variables[0] if declared and declared[0].variables else None
    if variable is None or variable.type is None or declared[0].value is not None:
        return []
    if variable.location == "storage":
        at = site.text.data.find(b"storage", variable.type.end, variable.end)
        return [Edit(at, at + len(b"storage"), "memory")] if at >= 0 else []
    return [Edit(variable.type.end, variable.type.end, " memory")] if not variable.location else []


def _renamed(site: Site, _writer: Writer) -> list[Edit]:
    """Give a parameter or local that hides something a name of its own."""
    function = site.function
    if function is None or function.body is None:
        return []
    variable = next(
        (
            each
            for each in inside(function)
            if isinstance(each, Variable) and each.name and _meets(site, each)
        ),
        None,
    )
    if variable is None:
        return []
    new = site.free_name(f"{variable.name}_")
    at = variable.end - len(variable.name.encode())
    uses = [
        Edit(each.start, each.end, new)
        for each in inside(function)
        if isinstance(each, Name) and each.text == variable.name
    ]
    return [Edit(at, variable.end, new), *uses]


def _meets(site: Site, variable: Variable) -> bool:
    return variable.start < site.end and site.start < variable.end


def _require(site: Site, _writer: Writer) -> list[Edit]:
    """Turn an `assert` on input into a `require`, which gives the gas back."""
    call = expression_at(site, Call)
    if call is None or not isinstance(call.function, Name) or call.function.text != "assert":
        place = site.place()
        found = [] if place is None else [*inside(place.statement)]
        call = next(
            (
                each
                for each in found
                if isinstance(each, Call)
                and isinstance(each.function, Name)
                and each.function.text == "assert"
            ),
            None,
        )
    return [] if call is None else [Edit(call.function.start, call.function.end, "require")]


TYPED_RIGHT = Template(
    "write the operator that was meant",
    frozenset({"SWC-129"}),
    frozenset({"mistyped-operator"}),
    _typed_right,
    rewritten=True,
)
IN_MEMORY = Template(
    "keep the struct in memory",
    frozenset({"SWC-109"}),
    frozenset({"uninitialised-storage-pointer", "uninitialised-struct"}),
    _in_memory,
    rewritten=True,
)
RENAMED = Template(
    "rename what hides another name", frozenset(), frozenset({"shadowed-local"}), _renamed
)
REQUIRE = Template(
    "use require for input", frozenset({"SWC-110"}), frozenset({"assert-on-input"}), _require
)
