"""Vyper on the graph: state, modules, locks, calls and built-ins mean what its compiler makes."""

from pathlib import Path

import pytest

from diptych.audit.analysis.access import is_restricted
from diptych.audit.analysis.calls import gives_control, is_locked
from diptych.audit.analysis.contract import ContractGraph, FunctionView, build_contract
from diptych.audit.source.load import load_program

OWNED = """
owner: public(address)

@deploy
def __init__():
    self.owner = msg.sender

@internal
def _check():
    assert msg.sender == self.owner

@external
def hand_over(to: address):
    self._check()
    self.owner = to

@external
def hidden(to: address):
    self.owner = to
"""


def contract(folder: Path, text: str, **modules: str) -> ContractGraph:
    """Write a contract and its modules, and build the contract's graphs."""
    for name, module in modules.items():
        (folder / f"{name}.vy").write_text(module, encoding="utf-8")
    path = folder / "main.vy"
    path.write_text(text, encoding="utf-8")
    loaded = load_program([path])
    assert not loaded.reasons
    (node,) = (c for c in loaded.program.contracts if c.tree.name == "main")
    return build_contract(node, set())


def function(made: ContractGraph, name: str) -> FunctionView:
    """Return one function of a contract."""
    (found,) = (v for v in made.functions if v.function is not None and v.function.name == name)
    return found


def test_modules_are_put_in_place_and_only_exports_are_entries(tmp_path: Path) -> None:
    text = """
import owned as o
initializes: o
exports: o.hand_over
fee: uint256
@deploy
def __init__():
    o.__init__()
@external
def set_fee(fee: uint256):
    o._check()
    self.fee = fee
@external
def open_fee(fee: uint256):
    self.fee = fee
"""
    made = contract(tmp_path, text, owned=OWNED)
    names = {v.function.name for v in made.entries if v.function is not None}
    assert names == {"set_fee", "open_fee", "hand_over"}
    guarded, free = function(made, "set_fee"), function(made, "open_fee")
    assert is_restricted(guarded, guarded.writes[0])
    assert not is_restricted(free, free.writes[0])
    (read,) = guarded.reads
    (handed,) = function(made, "hand_over").writes
    assert read.place.variable is handed.place.variable


def test_a_missing_module_marks_the_file_and_its_checks_restrict(tmp_path: Path) -> None:
    path = tmp_path / "main.vy"
    path.write_text(
        "import gone\nx: uint256\n"
        "@external\ndef f(a: uint256):\n    gone._check()\n    self.x = a\n"
    )
    loaded = load_program([path])
    assert loaded.reasons[str(path)] == ("import 'gone' is not there",)
    view = function(build_contract(loaded.program.contracts[0], set()), "f")
    assert is_restricted(view, view.writes[0])


@pytest.mark.parametrize(
    ("pragma", "decorator", "locked"),
    [
        ("# @version 0.3.10", '@nonreentrant("a")', True),
        ("# pragma version ~=0.4.1", "@nonreentrant", True),
        ("# pragma version ~=0.4.1\n# pragma nonreentrancy on", "", True),
        ("# pragma version ~=0.4.1\n# pragma nonreentrancy on", "@reentrant", False),
        ("# pragma version ~=0.4.1", "", False),
    ],
)
def test_locks_are_held_during_calls(
    tmp_path: Path, pragma: str, decorator: str, locked: bool
) -> None:
    text = f"""{pragma}
@external
{decorator}
def f(to: address):
    raw_call(to, b"", value=1)
"""
    view = function(contract(tmp_path, text), "f")
    (call,) = view.calls
    assert gives_control(call)
    assert is_locked(view, call) is locked


@pytest.mark.parametrize(("version", "shared"), [("0.3.1", True), ("0.2.16", False)])
def test_compilers_that_part_a_lock_are_believed(
    tmp_path: Path, version: str, shared: bool
) -> None:
    bodies = "\n".join(f'@external\n@nonreentrant("a")\ndef {n}():\n    pass' for n in "fg")
    made = contract(tmp_path, f"# @version {version}\n{bodies}\n")
    first, second = (
        {op.place.variable for op in function(made, name).ops if op.kind == "store"}
        for name in "fg"
    )
    assert (first == second) is shared


def test_calls_say_what_they_may_do_and_whether_they_must_work(tmp_path: Path) -> None:
    text = """
from ethereum.ercs import IERC20
@external
def f(to: address, data: Bytes[32]):
    raw_call(to, data)
    ok: bool = raw_call(to, data, revert_on_failure=False)
    raw_call(to, data, is_delegate_call=True)
    raw_call(to, data, is_static_call=True)
    send(to, 1)
    a: uint256 = staticcall IERC20(to).balanceOf(self)
    b: bool = extcall IERC20(to).transfer(to, a)
    c: address = create_minimal_proxy_to(to, salt=empty(bytes32))
"""
    view = function(contract(tmp_path, text), "f")
    kinds = [call.call.kind for call in view.calls]
    assert kinds == [
        "call",
        "call",
        "delegatecall",
        "staticcall",
        "transfer",
        "high_level",
        "high_level",
        "create",
    ]
    assert [gives_control(call) for call in view.calls] == [
        True,
        True,
        True,
        False,
        False,
        False,
        True,
        False,
    ]
    assert view.calls[-1].call.name == "create2"
    assert sum(op.kind == "guard" for op in view.ops) == 3  # of the calls that must work


def test_a_struct_is_copied_where_it_is_assigned(tmp_path: Path) -> None:
    text = """
struct Held:
    amount: uint256
held: HashMap[address, Held]
@external
def f():
    mine: Held = self.held[msg.sender]
    mine.amount = 0
@external
def g():
    self.held[msg.sender].amount = 0
"""
    made = contract(tmp_path, text)
    assert function(made, "f").writes == ()
    assert len(function(made, "g").writes) == 1


def test_defaults_membership_and_unchecked_sums(tmp_path: Path) -> None:
    text = """
owners: DynArray[address, 4]
x: uint256
@internal
def _add(a: uint256, b: uint256 = 7):
    self.x = unsafe_add(a, b) + 1
@external
def f(a: uint256):
    assert msg.sender in self.owners
    self._add(a)
"""
    view = function(contract(tmp_path, text), "f")
    (write,) = view.writes
    assert is_restricted(view, write)
    sums = [op for op in view.ops if op.kind == "binary" and op.attribute == "+"]
    assert [op.checked for op in sums] == [False, True]
    assert sums[0].operands[1].attribute == 7


def test_imports_stay_inside_of_the_project(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "pyproject.toml").write_text("", encoding="utf-8")
    (tmp_path / "outside.vy").write_text(OWNED, encoding="utf-8")
    (project / "inside.vyi").write_text("def f(): ...\n", encoding="utf-8")
    path = project / "main.vy"
    path.write_text("from .. import outside\nfrom . import inside\n", encoding="utf-8")
    loaded = load_program([path])
    assert loaded.reasons[str(path)] == ("import '..outside' is not there",)
    assert [unit.path for unit in loaded.program.units] == [str(path), str(project / "inside.vyi")]
