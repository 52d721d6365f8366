"""A state variable that is read right after it was set: the value is still at hand."""

from collections.abc import Iterator

from diptych.audit.fixes.edit import Edit
from diptych.audit.fixes.walk import inside
from diptych.audit.gas.reads import plain_reads
from diptych.audit.gas.rewrite import Candidate, Rewrite
from diptych.audit.gas.site import GasSite
from diptych.audit.graph.types import Type
from diptych.audit.syntax.statements import Block, Emit, Evaluate, Return
from diptych.audit.syntax.tree import Assign, Call, Name
from diptych.audit.syntax.unit import Function

__all__ = ["WRITTEN_VALUE"]


def _find(site: GasSite) -> Iterator[Candidate]:
    for function in site.functions:
        reads = {span: each for each, spans in plain_reads(site, function) for span in spans}
        for block in inside(function.body):
            if not isinstance(block, Block):
                continue
            for first, second in zip(block.statements, block.statements[1:], strict=False):
                if isinstance(second, Emit | Return) and isinstance(first, Evaluate):
                    pair = _set(first)
                    if pair is None or not _same_type(site, function, pair):
                        continue
                    edits = tuple(
                        Edit(*span, pair[1])
                        for span, each in reads.items()
                        if each.name == pair[0] and second.start <= span[0] < second.end
                    )
                    calls = sum(isinstance(each, Call) for each in inside(second))
                    if edits and calls <= isinstance(second, Emit):
                        yield Candidate(function, f"{pair[0]} after {first.start}", edits)


def _set(statement: Evaluate) -> tuple[str, str] | None:
    node = statement.expression
    if not isinstance(node, Assign) or node.operator.strip("="):
        return None
    if isinstance(node.left, Name) and isinstance(node.right, Name):
        return node.left.text, node.right.text
    return None


def _same_type(site: GasSite, function: Function, pair: tuple[str, str]) -> bool:
    """Whether a parameter of the same type was assigned."""
    variable = site.variables.get(pair[0])
    given: Type | None = next(
        (
            site.contract.type_of(each.type)
            for each in function.parameters
            if each.name == pair[1] and not each.location
        ),
        None,
    )
    return variable is not None and given == site.type_of(variable)


WRITTEN_VALUE = Rewrite("written-value", "use the value that was just stored", _find)
