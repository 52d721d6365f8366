"""Calls as bytecode makes them: what is called, with which words, and what kind of call it was."""

from typing import Final

from diptych.audit.graph.evm.memory import Memory, address
from diptych.audit.graph.evm.standards import STANDARD_FUNCTIONS
from diptych.audit.graph.evm.words import Maker, value_of
from diptych.audit.graph.ops import CallSite, Op
from diptych.audit.graph.types import ADDRESS, BOOL, UINT256, Type
from diptych.audit.syntax.statements import Block
from diptych.audit.syntax.unit import Function

__all__ = ["called", "created", "standard"]

_KINDS: Final = {0xF1: "call", 0xF2: "callcode", 0xF4: "delegatecall", 0xFA: "staticcall"}
_PAYS = (0xF1, 0xF2)
_PRECOMPILES: Final = {1: "ecrecover", 2: "sha256", 3: "ripemd160"}
_SELECTOR = 1 << 224
_STIPEND = 2300
_MAX_ARGUMENTS = 12


def called(opcode: int, taken: tuple[Op, ...], memory: Memory, make: Maker) -> tuple[Op, Op | None]:
    """Make a call op.

    Returns:
        The flag whether it worked, and the word that it gives back, if any can be told apart.
    """
    gas, target = taken[:2]
    value = taken[2] if opcode in _PAYS else None
    start, size = taken[-4:-2]
    words = memory.read(address(start), value_of(size))
    precompile = _PRECOMPILES.get(value_of(target) or 0)
    if precompile is not None:
        gives = ADDRESS if precompile == "ecrecover" else Type("fixed_bytes", 256)
        return make("const", (), attribute=1, type=BOOL), make(
            "builtin", words, attribute=precompile, type=gives
        )
    name = selector_in(memory, start)
    kind = _KINDS[opcode]
    site = CallSite(kind, kind, target, value, gas, words)
    if name and kind in ("call", "staticcall"):
        site = _named(site, name, _arguments(memory, start, size))
    elif kind == "call" and _is_stipend(gas, value):
        site = site._replace(kind="send", name="send", gas=None, arguments=())
    operands = [op for op in (site.target, site.value, site.gas, *site.arguments) if op is not None]
    result = UINT256 if site.name != kind else BOOL
    made = make("call", operands, attribute=site, type=result)
    if site.kind in ("high_level", "staticcall") and name:
        return make("assembly", (made,), attribute="success", type=BOOL), made
    returned = make("pick", (made,), attribute=1, type=UINT256)
    return made, returned


def _named(site: CallSite, selector: str, arguments: tuple[Op, ...]) -> CallSite:
    declared = standard(selector)
    name = declared.name if declared is not None else f"0x{selector}"
    kind = "high_level" if site.kind == "call" else site.kind
    return site._replace(kind=kind, name=name, arguments=arguments, declaration=declared)


def standard(selector: str) -> Function | None:
    """Return the function of a token standard or the like that has this selector."""
    known = STANDARD_FUNCTIONS.get(selector)
    if known is None:
        return None
    name, mutability = known
    body = Block(0, 0, ())
    return Function(0, 0, "function", name, (), (), "external", mutability, (), body)


def selector_in(memory: Memory, start: Op) -> str:
    """Return the selector that memory starts with, in hex; empty if none is known."""
    word = memory.words.get(address(start))
    if word is None or word.kind != "const" or not isinstance(word.attribute, int):
        return ""
    return f"{word.attribute >> 224:08x}" if word.attribute >= _SELECTOR else ""


def _arguments(memory: Memory, start: Op, size: Op) -> tuple[Op, ...]:
    base, offset = address(start)
    total = value_of(size)
    count = _MAX_ARGUMENTS if total is None else max(0, total - 4) // 32
    found: list[Op] = []
    for at in range(min(count, _MAX_ARGUMENTS)):
        word = memory.words.get((base, offset + 4 + 32 * at))
        if word is None:
            break
        found.append(word)
    return tuple(found)


def _is_stipend(gas: Op, value: Op | None) -> bool:
    """Whether a call gives no more gas than what comes with ether, as send and transfer do."""
    if value is None:
        return False
    if gas.kind == "const":
        return isinstance(gas.attribute, int) and gas.attribute <= _STIPEND
    if gas.kind == "phi":
        return all(_is_stipend(each, value) for each in gas.operands)
    return (
        gas.kind == "binary"
        and gas.attribute == "*"
        and any(value_of(each) == _STIPEND for each in gas.operands)
    )


def created(taken: tuple[Op, ...], make: Maker) -> Op:
    """Make the op of CREATE or CREATE2."""
    site = CallSite("create", "create", value=taken[0])
    return make("call", taken[:1], attribute=site, type=ADDRESS)
