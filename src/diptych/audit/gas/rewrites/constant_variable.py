"""A variable that keeps the literal it begins with: constant, so that it lies in the code."""

from collections.abc import Iterator
from typing import Any

from diptych.audit.fixes.walk import inside
from diptych.audit.gas.declarations import assigned_by, with_word
from diptych.audit.gas.rewrite import Candidate, Rewrite
from diptych.audit.gas.site import VALUES, GasSite
from diptych.audit.syntax.tree import Binary, Number, Text, Truth, Unary

__all__ = ["CONSTANT_VARIABLE"]


def _find(site: GasSite) -> Iterator[Candidate]:
    for variable in site.contract.tree.variables:
        if variable.mutability or not _is_literal(variable.value):
            continue
        kind = site.type_of(variable).kind
        if kind not in VALUES | {"string", "bytes"} or assigned_by(site, variable):
            continue
        edits = tuple(with_word(site, variable, "constant"))
        if edits:
            yield Candidate(None, variable.name, edits)


def _is_literal(value: Any) -> bool:
    return value is not None and all(
        isinstance(each, Number | Text | Truth | Binary | Unary) for each in inside(value)
    )


CONSTANT_VARIABLE = Rewrite(
    "constant-variable", "make a variable constant", _find, moves_storage=True
)
