"""Reasons as text: custom errors take 4 bytes of code and of memory."""

import re
from collections.abc import Iterator

from diptych.audit.fixes.edit import Edit
from diptych.audit.fixes.walk import inside
from diptych.audit.gas.conditions import Demand, demands
from diptych.audit.gas.rewrite import Candidate, Rewrite
from diptych.audit.gas.site import GasSite, in_blocks
from diptych.audit.syntax.statements import Catch, Revert, Try
from diptych.audit.syntax.tree import Binary, Call, ElementaryType, Text

__all__ = ["CUSTOM_ERROR"]

_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_MAX_NAME = 48


def _find(site: GasSite) -> Iterator[Candidate]:
    names: dict[bytes, str] = {}
    edits: list[Edit] = []
    for function in site.contract.tree.functions:
        if function.body is None:
            continue
        for demand in demands(site, function):
            if demand.reason is not None:
                name = _name(site, demand.reason.value, names)
                text = f"if ({_negated(site, demand)}) revert {name}();"
                start = demand.statement.start
                edits.append(Edit(start, site.statement_end(demand.statement), text))
        for _, statement in in_blocks(function):
            reason = _reason(statement) if isinstance(statement, Revert) else None
            if reason is not None:
                text = f"revert {_name(site, reason.value, names)}();"
                edits.append(Edit(statement.start, site.statement_end(statement), text))
    if edits and not _is_reason_read(site):
        declared = [f"error {name}();" for name in names.values()]
        yield Candidate(None, "reasons", (*edits, site.at_contract_end(declared)))


def _is_reason_read(site: GasSite) -> bool:
    """Whether some contract of the program catches reasons as text."""
    return any(
        isinstance(node, Try) and any(map(_is_text, node.clauses[1:]))
        for contract in site.contract.program.contracts
        for function in contract.tree.functions
        if function.body is not None
        for node in inside(function.body)
    )


def _is_text(clause: Catch) -> bool:
    kinds = (each.type for each in clause.parameters)
    return any(isinstance(kind, ElementaryType) and kind.name == "string" for kind in kinds)


def _reason(statement: Revert) -> Text | None:
    error = statement.error
    if isinstance(error, Call) and len(error.arguments) == 1:
        error = error.arguments[0]
    return error if isinstance(error, Text) else None


def _negated(site: GasSite, demand: Demand) -> str:
    test = demand.test
    if isinstance(test, Binary) and test.operator in _OPPOSITE:
        gap = site.slice(test.left.end, test.right.start)
        if gap.strip() == test.operator and demand.words == site.source(test):
            left, right = site.source(test.left), site.source(test.right)
            return f"{left} {_OPPOSITE[test.operator]} {right}"
    if re.fullmatch(r"[\w.]+(\([\w.,\s]*\))?", demand.words):
        return f"!{demand.words}"
    return f"!({demand.words})"


def _name(site: GasSite, reason: bytes, names: dict[bytes, str]) -> str:
    if reason not in names:
        words = re.findall(r"[A-Za-z0-9]+", reason.decode("utf-8", "replace"))
        made = "".join(each[0].upper() + each[1:] for each in words)[:_MAX_NAME]
        if not made or not made[0].isalpha():
            made = f"Refused{made}"
        wanted = made
        count = 1
        while made in site.names or made in names.values():
            count += 1
            made = f"{wanted}{count}"
        names[reason] = made
    return names[reason]


CUSTOM_ERROR = Rewrite(
    "custom-error",
    "revert with custom errors",
    _find,
    since=(0, 8, 4),
    note="revert data changes: callers that read the reason's text have to follow",
)
