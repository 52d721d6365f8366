"""Whole functions: missing results, call data that is cut short, bodies that are skipped."""

from collections.abc import Iterator

from diptych.audit.fixes.edit import Edit
from diptych.audit.fixes.site import Site
from diptych.audit.fixes.template import Template, Writer
from diptych.audit.fixes.templates.callers import is_called
from diptych.audit.fixes.walk import inside
from diptych.audit.syntax.statements import Assembly, Block, If, Jump, Loop, Return, Try
from diptych.audit.syntax.tree import ArrayType, ElementaryType
from diptych.audit.syntax.unit import Function

__all__ = ["DEMANDED", "RETURNED", "WHOLE_CALLDATA"]

_READ_ONLY = frozenset({"view", "pure", "constant"})
_SELECTOR, _WORD = 4, 32
_FORKS = (Return, Assembly, If, Loop, Try)


def _returned(site: Site, _writer: Writer) -> list[Edit]:
    """Let a function that promises a truth value and changes state say that it succeeded."""
    function = site.function
    if function is None or function.body is None or function.mutability in _READ_ONLY:
        return []
    one = function.returns[0] if len(function.returns) == 1 else None
    if one is None or not isinstance(one.type, ElementaryType) or one.type.name != "bool":
        return []
    if any(isinstance(each, _FORKS) for each in inside(function.body)):
        return []  # on some way it may not have succeeded
    return site.at_body_end(function, "return true;")


def _whole(site: Site, writer: Writer) -> list[Edit]:
    """Demand all of the call data that a function's parameters take."""
    function = site.function
    if function is None or function.kind != "function" or function.body is None:
        return []
    if not all(_is_one_word(each.type) for each in function.parameters):
        return []
    if function.visibility != "external" and is_called(site, function):
        return []
    length = _SELECTOR + _WORD * len(function.parameters)
    return site.at_body_start(
        function, writer.check(f"msg.data.length >= {length}", "short call data")
    )


def _is_one_word(kind: object) -> bool:
    """Whether the head of a parameter is one word: a value, or where something dynamic lies."""
    if isinstance(kind, ArrayType):
        return kind.length is None
    return isinstance(kind, ElementaryType)


def _demanded(site: Site, writer: Writer) -> list[Edit]:
    """Let a modifier revert where it skips the function."""
    function = site.function
    if function is None or function.kind != "modifier" or function.body is None:
        return []
    if any(is_called(site, each) for each in _bearers(site, function.name)):
        return []  # whoever calls them inside may rely on going on
    holders = [
        each
        for each in function.body.statements
        if any(isinstance(node, Jump) and node.kind == "_" for node in inside(each))
    ]
    one = holders[0] if len(holders) == 1 else None
    if not isinstance(one, If) or one.no is not None:
        return []
    inner = [*one.yes.statements] if isinstance(one.yes, Block) else [one.yes]
    if len(inner) != 1 or not isinstance(inner[0], Jump):
        return []
    check = writer.check(site.source(one.test), "not allowed")
    gap = site.indent(one.start)
    return [Edit(one.start, site.statement_end(one), f"{check}\n{gap}_;")]


def _bearers(site: Site, name: str) -> Iterator[Function]:
    """Yield the functions of the program that bear a modifier."""
    for contract in site.program.contracts:
        for function in contract.tree.functions:
            if any(base.name.rpartition(".")[2] == name for base in function.modifiers):
                yield function


RETURNED = Template(
    "return true at the end",
    frozenset(),
    frozenset({"missing-return"}),
    _returned,
    rewritten=True,
)
WHOLE_CALLDATA = Template(
    "demand all of the call data",
    frozenset(),
    frozenset({"short-address"}),
    _whole,
)
DEMANDED = Template(
    "revert instead of skipping", frozenset(), frozenset({"skipping-modifier"}), _demanded
)
