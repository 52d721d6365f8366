"""A modifier that can leave out the body and say nothing."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph
from diptych.audit.analysis.syntax import header
from diptych.audit.finding import RuleInfo
from diptych.audit.rules.rule import Match, Rule
from diptych.audit.syntax.statements import (
    Assembly,
    Block,
    Evaluate,
    If,
    Jump,
    Loop,
    Revert,
    Statement,
    Try,
    UnreadStatement,
)
from diptych.audit.syntax.tree import Call, Name

INFO = RuleInfo(
    id="skipping-modifier",
    title="Modifier can skip the function without reverting",
    category="access_control",
    severity="low",
    swc="",
    cwe="CWE-393",
    owasp="",
    description="On some way through a modifier neither `_` nor a revert is reached: the function "
    "ends at once and answers zero.",
    scenario="A caller who is not allowed sees no failure; a contract that calls takes the default "
    "value for an answer, and ether that came along stays.",
    fix="Use require, so that the call fails.",
    reference="https://docs.soliditylang.org/en/latest/contracts.html#function-modifiers",
)
_MAX_DEPTH = 40


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield modifiers with a way round `_`."""
    node = contract.node
    for function in node.tree.functions:
        if (
            function.kind == "modifier"
            and function.body is not None
            and function.body.statements
            and not _is_sure(function.body, _MAX_DEPTH)
        ):
            text = "on one way the body is skipped and nothing reverts"
            yield Match(header(node, function), text)


def _is_sure(node: Statement | None, depth: int) -> bool:
    """Whether every way through a statement meets `_` or a revert, or cannot be judged."""
    if node is None or depth == 0:
        return depth == 0
    match node:
        case Block():
            return any(_is_sure(each, depth - 1) for each in node.statements)
        case If():
            return _is_sure(node.yes, depth - 1) and _is_sure(node.no, depth - 1)
        case Jump():
            return node.kind == "_"
        case Evaluate(expression=Call(function=Name(text="revert"))):
            return True
        case Revert() | Assembly() | UnreadStatement() | Try():
            return True
        case Loop():
            return _is_sure(node.body, depth - 1)
        case _:
            return False


RULE = Rule(INFO, check)
