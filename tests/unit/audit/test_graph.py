"""The program graph says what runs, in which order, on which values."""

import pytest
from tests.unit.audit.sources import body, graph, ops, program

from diptych.audit.analysis.dominance import Flow
from diptych.audit.graph.build import build_function


def test_modifiers_stand_round_the_body_in_order() -> None:
    made = graph(
        "contract C { uint x; address o; modifier a() { require(msg.sender == o); _; x = 3; }"
        " modifier b(uint k) { x = k; _; } function f() public a b(1) { x = 2; } }"
    )
    stored = [op.operands[1].attribute for op in ops(made, "store")]
    assert stored == [1, 2, 3]
    facts = list(Flow(made).facts(ops(made, "store")[0]))
    assert [(fact.test.attribute, fact.holds) for fact in facts] == [("==", True)]


def test_internal_calls_are_put_in_place_with_their_values() -> None:
    made = graph(
        "contract C { uint x; function g(uint v) internal returns (uint) { return v + 1; }"
        " function f(uint a) public { x = g(a); } }"
    )
    (store,) = ops(made, "store")
    total = store.operands[1]
    assert (total.kind, total.attribute) == ("binary", "+")
    assert total.operands[0] is made.parameters[0]
    assert total.frame.function is not made.frame.function


def test_recursion_ends_in_a_call() -> None:
    made = graph("contract C { function f(uint a) public { if (a > 0) f(a - 1); } }")
    (call,) = ops(made, "call")
    assert (call.call.kind, call.call.name) == ("internal", "f")
    assert not made.truncated


def test_a_size_limit_leaves_calls_and_says_so() -> None:
    chain = "".join(f"function g{n}() internal {{ g{n + 1}(); g{n + 1}(); }} " for n in range(14))
    source = f"contract C {{ uint x; {chain} function g14() internal {{ x = 1; }}"
    made = graph(source + " function f() public { g0(); } }")
    assert made.truncated
    assert sum(1 for _ in made.ops) < 20_000


def test_values_join_where_control_flow_joins() -> None:
    made = body("uint v = 1; if (a > 2) { v = 2; } r = v;")
    (end,) = ops(made, "end")
    joined = end.operands[0]
    assert joined.kind == "phi"
    assert sorted(str(op.attribute) for op in joined.operands) == ["1", "2"]


def test_a_loop_feeds_its_values_back() -> None:
    made = body("for (uint i = 0; i < a; i++) { r += i; }")
    counter = next(op for op in ops(made, "phi") if op.operands[0].attribute == 0)
    step = counter.operands[1]
    assert (step.attribute, step.operands[0]) == ("+", counter)


def test_what_a_loop_changes_comes_in_the_order_of_declaration() -> None:
    declared = "".join(f"uint l{at} = {at};" for at in range(40))
    changed = "".join(f"l{at}++;" for at in range(36, 0, -5))
    phis = ops(body(f"{declared} while (a > 0) {{ {changed} }}"), "phi")
    assert [phi.operands[0].attribute for phi in phis] == list(range(1, 37, 5))


def test_what_a_return_or_revert_leaves_is_known_afterwards() -> None:
    made = body("if (a == 1) { return 5; } if (b != msg.sender) revert(); x = 2;", "uint x;")
    (store,) = ops(made, "store")
    known = {(fact.test.attribute, fact.holds) for fact in Flow(made).facts(store)}
    assert known == {("==", False), ("!=", False)}


def test_conditions_are_taken_apart() -> None:
    made = body("require(!(a == 1 || a < 2) && a > 3); x = 2;", "uint x;")
    (store,) = ops(made, "store")
    known = {(fact.test.attribute, fact.holds) for fact in Flow(made).facts(store)}
    assert known == {("==", False), ("<", False), (">", True)}


@pytest.mark.parametrize(
    "statement",
    ["users[b].age = 7;", "User storage u = users[b]; u.age = 7;", "g(users[b]);"],
)
def test_storage_is_traced_through_pointers(statement: str) -> None:
    made = body(
        statement,
        "struct User { uint age; } mapping(address => User) users;"
        " function g(User storage u) internal { u.age = 7; }",
    )
    (store,) = ops(made, "store")
    assert store.place.where == "storage"
    assert store.place.variable is not None
    assert (store.place.variable.name, store.place.field) == ("users", "age")


def test_a_local_that_only_some_ways_declare_is_zero_on_the_others() -> None:
    made = body("if (a > 1) { uint v = a; } r = v;", pragma="0.4.24")
    (end,) = ops(made, "end")
    assert {op.kind for op in end.operands[0].operands} == {"param", "zero"}


def test_a_local_that_no_way_gave_a_value_is_zero() -> None:
    made = body("if (a > 1) { revert(); uint v = a; } else { revert(); } r = v;", pragma="0.4.24")
    assert not ops(made, "end")
    late = body("for (;;) { if (a > 2) break; uint v = 1; } r = v;", pragma="0.4.24")
    assert ops(late, "end")


def test_memory_is_not_storage() -> None:
    made = body("User memory u = User(1); u.age = 7;", "struct User { uint age; }")
    (store,) = ops(made, "store")
    assert store.place.where == "memory"


@pytest.mark.parametrize(
    ("written", "kind", "pays"),
    [
        ('b.call{value: a}("");', "call", True),
        ("b.call.value(a)();", "call", True),
        ("payable(b).transfer(a);", "transfer", True),
        ("payable(b).send(a);", "send", True),
        ('b.delegatecall("");', "delegatecall", False),
        ("I(b).g(a);", "high_level", False),
        ("I(b).g{value: 1}(a);", "high_level", True),
        ("new D();", "create", False),
        ("assembly { pop(call(gas(), b, a, 0, 0, 0, 0)) }", "call", True),
    ],
)
def test_calls_out_say_what_they_are(written: str, kind: str, pays: bool) -> None:
    made = graph(
        "interface I { function g(uint) external payable; } contract D {}"
        f" contract C {{ function f(uint a, address b) public {{ {written} }} }}"
    )
    (call,) = ops(made, "call")
    assert call.call.kind == kind
    assert (call.call.value is not None) == pays
    if kind not in ("create",):
        assert call.call.target is not None


def test_virtual_calls_go_to_the_derived_contract_and_super_up_the_line() -> None:
    source = (
        "contract A { uint x; function g() internal virtual { x = 1; }"
        " function f() public { g(); } }"
        " contract B is A { function g() internal virtual override { super.g(); x = 2; } }"
        " contract D is A { function g() internal virtual override { super.g(); x = 3; } }"
        " contract C is B, D { function g() internal override(B, D) { super.g(); x = 4; } }"
    )
    assert [op.operands[1].attribute for op in ops(graph(source), "store")] == [1, 2, 3, 4]
    assert [op.operands[1].attribute for op in ops(graph(source, contract="A"), "store")] == [1]


def test_library_functions_attached_by_using_are_put_in_place() -> None:
    made = graph(
        "library M { function add(uint a, uint b) internal pure returns (uint c)"
        " { c = a + b; require(c >= a); } } contract C { using M for uint; uint x;"
        " function f(uint a) public { x = a.add(2); } }"
    )
    (store,) = ops(made, "store")
    assert store.operands[1].attribute == "+"
    assert [fact.test.attribute for fact in Flow(made).facts(store)] == [">="]


@pytest.mark.parametrize(
    ("statements", "pragma", "checked"),
    [
        ("r = a + 1;", "0.8.0", True),
        ("unchecked { r = a + 1; }", "0.8.0", False),
        ("r = a + 1;", "0.7.6", False),
    ],
)
def test_arithmetic_knows_whether_it_is_checked(
    statements: str, pragma: str, checked: bool
) -> None:
    (plus,) = ops(body(statements, pragma=pragma), "binary")
    assert plus.checked is checked


def test_names_resolve_across_units_and_missing_bases_are_listed() -> None:
    made = program(
        'import "./b.sol"; contract C is B, Gone { function f() public { hit(); } }',
        "contract B { uint x; function hit() internal { x = 9; } }",
    )
    context = made.contracts[0]
    assert context.missing == ("Gone",)
    owner, declared = context.functions["f"][0]
    (store,) = ops(build_function(context, owner, declared), "store")
    assert store.operands[1].attribute == 9


def test_a_constructor_runs_initial_values_and_bases_first() -> None:
    made = graph(
        "contract A { uint x = 1; constructor() { x = 2; } }"
        " contract C is A { uint y = 3; constructor() { x = 4; } }",
        "constructor",
    )
    assert [op.operands[1].attribute for op in ops(made, "store")] == [1, 2, 3, 4]


def test_a_circle_of_inheritance_does_no_harm() -> None:
    assert graph("contract A is C {} contract C is A { function f() public {} }").blocks


def test_names_do_not_matter() -> None:
    plain = (
        "contract C {{ address {o}; function {f}(uint {a}) public {{ require(msg.sender == {o});"
    )
    plain += " {o} = address(uint160({a})); }} }}"
    first = graph(plain.format(o="owner", f="f", a="amount"))
    second = graph(plain.format(o="x1", f="f", a="zz"))
    assert [op.kind for op in first.ops] == [op.kind for op in second.ops]


def test_slots_and_functions_of_assembly_are_known() -> None:
    made = body(
        "S storage s = p(); s.a = a; assembly { function twice(q) -> t { t := mul(q, 2) }"
        " sstore(x.slot, twice(sload(x.slot))) }",
        "struct S { uint a; } uint x; function p() internal pure returns (S storage s)"
        " { assembly { s.slot := 0x1234 } }",
    )
    through, slot = ops(made, "store")
    assert through.place.where == slot.place.where == "storage"
    assert slot.place.variable is not None
    assert slot.operands[1].kind == "binary"
    assert slot.operands[1].operands[0].place.variable is slot.place.variable


def test_a_function_of_assembly_that_calls_itself_stays_a_call() -> None:
    made = body("assembly { function g(q) -> t { t := g(q) } r := g(a) }")
    (call,) = ops(made, "call")
    assert call.call.kind == "internal"
