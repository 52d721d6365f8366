"""Graphs of inherited functions are used again where, and only where, they would be the same."""

import pytest

from diptych.audit.analysis.contract import ContractGraph, build_contract
from diptych.audit.analysis.inherited import InheritedGraphs
from diptych.audit.graph.program import Program, Unit
from diptych.audit.syntax.solidity.reader import read_solidity

_BASE = """
contract Top { function hook() internal virtual { top = 1; } uint top; uint own; }
contract Base is Top {
    function run() public { hook(); }
    function plain() public { top = 2; }
    function named() public view returns (address) { return address(this); }
    function hook() internal virtual override { super.hook(); }
}
"""


def shown(graph: ContractGraph) -> dict[str, list[tuple[str, int, object]]]:
    """Return the ops of each function, in a form that does not depend on identity."""
    return {
        view.function.name: [(op.kind, op.start, op.type) for op in view.ops]
        for view in graph.functions
        if view.function is not None
    }


def scanned(derived: str, shelf: InheritedGraphs | None) -> list[ContractGraph]:
    """Build the contracts that derive from Base, one after the other."""
    program = Program((Unit("a.sol", read_solidity((_BASE + derived).encode())),))
    covered: set[int] = set()
    found = []
    for node in program.contracts[2:]:
        graph = build_contract(node, covered, shelf=shelf)
        found.append(graph)
        if shelf is not None:
            shelf.take(graph)
    return found


@pytest.mark.parametrize(
    ("second", "shared"),
    [
        ("contract B is Base { uint more; }", {"run", "plain", "hook"}),
        ("contract B is Base { function hook() internal override { own = 3; } }", {"plain"}),
        (
            "contract Side is Top { function hook() internal virtual override { own = 4; } }"
            "contract B is Base, Side { function hook() internal override(Base, Side)"
            " { super.hook(); } }",
            {"plain"},
        ),
    ],
    ids=["same", "overridden", "other-order"],
)
def test_only_what_would_be_the_same_is_used_again(second: str, shared: set[str]) -> None:
    derived = "contract A is Base { uint extra; }" + second
    kept = scanned(derived, InheritedGraphs())
    first, last = kept[0], kept[-1]
    blocks = {id(view.graph.blocks) for view in first.functions}
    again = {
        view.function.name
        for view in last.functions
        if view.function is not None and id(view.graph.blocks) in blocks
    }
    assert again == shared - {"hook"}
    assert shown(last) == shown(scanned(derived, None)[-1])


def test_a_graph_used_again_is_seen_from_the_new_contract() -> None:
    *_, last = scanned("contract A is Base {} contract B is Base {}", InheritedGraphs())
    assert {view.graph.contract.tree.name for view in last.functions} == {"B"}


def test_what_is_kept_stays_small() -> None:
    shelf = InheritedGraphs(max_ops=0)
    first, last = scanned("contract A is Base {} contract B is Base {}", shelf)
    blocks = {id(view.graph.blocks) for view in first.functions}
    assert not any(id(view.graph.blocks) in blocks for view in last.functions)
    assert all(not op.operands for view in first.functions for op in view.ops)
