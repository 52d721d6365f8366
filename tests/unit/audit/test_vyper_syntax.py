"""Reads Vyper 0.2-0.4, whole, broken and hostile, into the syntax tree of all languages."""

import random
import time

import pytest

from diptych.audit.syntax.statements import (
    Block,
    Declare,
    Emit,
    Evaluate,
    If,
    Loop,
    UnreadStatement,
)
from diptych.audit.syntax.tree import (
    ArrayType,
    Assign,
    Call,
    Index,
    MappingType,
    Member,
    Text,
    Unary,
)
from diptych.audit.syntax.vyper.reader import read_vyper
from diptych.audit.syntax.vyper.versions import allowed

TOKEN = b'''# pragma version ~=0.4.1
from ethereum.ercs import IERC20
import keys as guard

initializes: guard
exports: (guard.owner, guard.hand_over)

interface Feed:
    def answer(round: uint256 = 0) -> (uint256, bool): view

struct Stake:
    amount: uint256
    since: uint256

flag Role:
    MINTER
    BURNER

event Moved:
    who: indexed(address)
    amount: uint256

HALF: constant(uint256) = 2 ** 255
RATE: public(immutable(uint256))
held: public(HashMap[address, DynArray[Stake, 8]])
roles: HashMap[address, Role]


@deploy
def __init__(rate: uint256):
    RATE = rate


@external
@nonreentrant
def f(feed: address, list: DynArray[uint256, 4], data: Bytes[64] = b"") -> uint256:
    """Says nothing."""
    total: uint256 = 0
    for item: uint256 in list:  # each
        total += item
    if total > HALF and Role.MINTER in self.roles[msg.sender]:
        log Moved(who=msg.sender, amount=total)
    elif total == 0:
        raise "nothing"
    else:
        assert extcall IERC20(feed).transfer(msg.sender, total, default_return_value=True)
    given: bool = (staticcall Feed(feed).answer(
        7  # the round
    ))[1]
    return convert(x"00ff", uint256)
'''


def test_a_module_gives_its_declarations_with_their_places() -> None:
    unit = read_vyper(TOKEN, "token")
    module, feed = unit.contracts
    assert (unit.language, unit.problems, unit.pragmas) == ("vyper", (), ("vyper ~=0.4.1",))
    assert [(i.path, i.alias) for i in unit.imports] == [
        ("ethereum.ercs.IERC20", "IERC20"),
        ("keys", "guard"),
    ]
    assert module.exports == ("guard.owner", "guard.hand_over")
    assert [(v.name, v.mutability, v.visibility) for v in module.variables] == [
        ("HALF", "constant", "internal"),
        ("RATE", "immutable", "public"),
        ("held", "", "public"),
        ("roles", "", "internal"),
    ]
    held = module.variables[2].type
    assert isinstance(held, MappingType)
    assert isinstance(held.value, ArrayType)
    assert held.value.bounded
    assert (feed.kind, feed.functions[0].mutability, feed.functions[0].body) == (
        "interface",
        "view",
        None,
    )
    assert [e.values for e in module.enumerations] == [("MINTER", "BURNER")]
    (function,) = (f for f in module.functions if f.name == "f")
    assert TOKEN[function.start : function.end].startswith(b"@external")
    assert TOKEN[function.start : function.end].endswith(b"uint256)")


def test_statements_keep_their_offsets_and_meanings() -> None:
    module = read_vyper(TOKEN, "token").contracts[0]
    (function,) = (f for f in module.functions if f.name == "f")
    assert function.body is not None
    kinds = [type(each) for each in function.body.statements[1:]]
    assert kinds[:4] == [Declare, Loop, If, Declare]
    branch = function.body.statements[3]
    assert isinstance(branch, If)
    assert isinstance(branch.yes, Block)
    assert isinstance(branch.yes.statements[0], Emit)
    given = function.body.statements[4]
    assert isinstance(given, Declare)
    assert isinstance(given.value, Index)
    call = given.value.base
    assert isinstance(call, Unary)
    assert call.operator == "staticcall"
    assert TOKEN[call.start : call.end].startswith(b"staticcall Feed")
    assert TOKEN[call.start : call.end].endswith(b")")


def test_a_hex_string_is_its_bytes_and_a_kwarg_an_option() -> None:
    unit = read_vyper(
        b'f: x\n@external\ndef g():\n    a: Bytes[2] = x"00ff"\n    T(b).c(value=1)\n'
    )
    assert unit.contracts[0].functions[0].body is not None
    first, second = unit.contracts[0].functions[0].body.statements
    assert isinstance(first, Declare)
    assert isinstance(first.value, Text)
    assert first.value.value == b"\x00\xff"
    assert isinstance(second, Evaluate)
    assert isinstance(second.expression, Call)
    assert [name for name, _ in second.expression.options] == ["value"]


def test_visibility_is_external_only_where_it_is_said() -> None:
    text = b"def a(): pass\n@external\ndef b(): pass\n@public\ndef c(): pass\n"
    (module, *_) = read_vyper(text, "m").contracts
    assert [f.visibility for f in module.functions] == ["internal", "external", "external"]
    (face, *_) = read_vyper(b"def a(): ...\n", "i", interface=True).contracts
    assert (face.kind, face.functions[0].visibility) == ("interface", "external")


@pytest.mark.parametrize(
    ("broken", "problems"),
    [
        (b"@external\ndef f():\n    self.x = (1\n\n@external\ndef g():\n    self.y = 2\n", 1),
        (
            b"@external\ndef f():\n    self.x = = 1\n    self.z = 3\n\n@external\ndef g():\n"
            b"    pass\n",
            1,
        ),
        (b"@external\ndef f(a b):\n    self.x = 1\n@external\ndef g():\n    self.y = 2\n", 1),
    ],
)
def test_what_is_broken_costs_its_own_line(broken: bytes, problems: int) -> None:
    unit = read_vyper(broken, "m")
    assert [f.name for f in unit.contracts[0].functions] == ["f", "g"]
    assert len(unit.problems) == problems


def test_a_fragment_is_the_body_of_a_function_and_its_state_is_implied() -> None:
    unit = read_vyper(b"    self.held[msg.sender] -= amount\n    send(msg.sender, amount)\n", "m")
    module = unit.contracts[0]
    assert [f.name for f in module.functions] == ["fragment"]
    assert [v.name for v in module.variables] == ["held"]
    assert [p.reason for p in unit.problems] == ["no function round the code"]


def test_a_truncated_file_keeps_what_came_before() -> None:
    for cut in range(0, len(TOKEN), 97):
        unit = read_vyper(TOKEN[:cut], "token")
        assert unit.contracts[0].name == "token"
    assert [f.name for f in read_vyper(TOKEN[:900], "t").contracts[0].functions][:2] == [
        "__init__",
        "f",
    ]


def test_offsets_count_bytes_also_behind_other_alphabets() -> None:
    text = "# größer\n@external\ndef f():\n    self.x = self.größe  # ü\n".encode()
    (function,) = read_vyper(b"\xef\xbb\xbf" + text, "m").contracts[0].functions
    assert function.body is not None
    (statement,) = function.body.statements
    assert isinstance(statement, Evaluate)
    assert isinstance(statement.expression, Assign)
    right = statement.expression.right
    assert isinstance(right, Member)
    assert (b"\xef\xbb\xbf" + text)[right.start : right.end].decode() == "self.größe"


@pytest.mark.parametrize(
    "text",
    [
        b"x: uint256 = " + b"(" * 50_000,
        b"def f():\n    a = " + b"-" * 100_000 + b"1\n",
        b"def f():\n    a = " + b"a.b" * 50_000 + b"\n",
        b"def f():\n    a = 1" + b"+1" * 30_000 + b"\n",
        b"\n".join(b" " * at + b"if a:" for at in range(3_000)),
        b"if a: b\n" + b"elif a: b\n" * 3_000,
        b'"""' * 30_001,
        b"\x00\xff\xfe" * 10_000 + b"\r\r\n",
        b"x: " + b"HashMap[address, " * 20_000,
        b"def f():\n    a: uint256 = " + b"9" * 100_000 + b"\n",
        b"@" * 20_000 + b"\n" + b"@a\n" * 5_000,
    ],
)
def test_hostile_files_are_read_within_seconds(text: bytes) -> None:
    start_s = time.monotonic()
    unit = read_vyper(text, "m")
    assert time.monotonic() - start_s < 5
    assert unit.language == "vyper"


def test_mutated_files_never_fail() -> None:
    chance = random.Random(7)
    words = [
        b"(",
        b")",
        b"[",
        b'"',
        b"'''",
        b"\n",
        b"    ",
        b":",
        b"extcall ",
        b"\xff",
        b"#",
        b"\\",
    ]
    for _ in range(400):
        data = bytearray(TOKEN)
        for _ in range(chance.randrange(1, 8)):
            at = chance.randrange(len(data))
            data[at : at + chance.randrange(6)] = chance.choice(words)
        unit = read_vyper(bytes(data), "m")
        for problem in unit.problems:
            assert 0 <= problem.start <= problem.end <= len(data)


def test_python_that_is_not_vyper_is_noted_and_never_run() -> None:
    text = b"@external\ndef f():\n    import os\n    a = [b for b in c]\n    print(lambda: 1)\n"
    unit = read_vyper(text, "m")
    (function,) = unit.contracts[0].functions
    assert function.body is not None
    assert isinstance(function.body.statements[0], UnreadStatement)
    assert len(unit.problems) == 3


@pytest.mark.parametrize(
    ("pragma", "lowest", "highest"),
    [
        ("vyper 0.3.10", (0, 3, 10), (0, 3, 10)),
        ("vyper ^0.2.15", (0, 2, 15), (0, 2, 16)),
        ("vyper >=0.3.0,<=0.3.7", (0, 3, 0), (0, 3, 7)),
        ("vyper ~=0.4.0", (0, 4, 0), (0, 4, 3)),
    ],
)
def test_versions_that_a_pragma_allows(
    pragma: str, lowest: tuple[int, ...], highest: tuple[int, ...]
) -> None:
    assert allowed((pragma,)) == (lowest, highest)


def test_no_pragma_allows_nothing_known() -> None:
    assert allowed(()) is None
    assert allowed(("nonreentrancy on",)) is None
