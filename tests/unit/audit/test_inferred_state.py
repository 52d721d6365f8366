"""Names that nothing declares are state where source is missing, and only there."""

import pytest

from diptych.audit.graph.build import build_function
from diptych.audit.graph.ops import FunctionGraph
from diptych.audit.graph.program import Program, Unit
from diptych.audit.syntax.solidity.reader import read_solidity

BODY = "function f(address to, uint n) public { held[to] += n; total = n; Prices.check(n); }"


def graph(source: str) -> FunctionGraph:
    program = Program((Unit("a.sol", read_solidity(source.encode())),))
    contract = next(program.free_of("a.sol"), None) or program.contracts[0]
    return build_function(contract, *contract.functions["f"][0])


def written(source: str) -> list[str]:
    found = (op for op in graph(source).ops if op.kind == "store" and op.place.where == "storage")
    return [op.place.variable.name for op in found if op.place.variable is not None]


@pytest.mark.parametrize(
    "source", [BODY, BODY.replace(" public", ""), "contract C is Gone { " + BODY + " }"]
)
def test_names_are_state_where_their_declaration_can_be_out_of_sight(source: str) -> None:
    assert written(source) == ["held", "total"]


@pytest.mark.parametrize(
    "source",
    [
        "contract C { " + BODY + " }",
        "contract C is Base { " + BODY + " } contract Base {}",
        BODY.replace(" public", "") + " contract Base {}",
    ],
)
def test_names_mean_nothing_where_all_source_is_there(source: str) -> None:
    assert written(source) == []


def test_the_same_name_is_the_same_variable_and_types_are_none() -> None:
    made = graph("contract C is Gone { function f() public { a = 1; b = a; c = Kind.One; } }")
    variables = {op.place.variable for op in made.ops if op.kind in ("store", "load")}
    assert {each.name for each in variables if each is not None} == {"a", "b", "c"}
