"""Bytecode that is written in hex, as a source unit with one contract.

Selectors, arguments and mutability come from evmole; function bodies are empty, for their graphs
are lifted from the code itself.
"""

import re
from pathlib import Path

import evmole

from diptych.audit.syntax.evm.code import Bytecode, Entry
from diptych.audit.syntax.evm.creation import runtime_span
from diptych.audit.syntax.statements import Block, Variable
from diptych.audit.syntax.tree import ElementaryType, TypeName
from diptych.audit.syntax.unit import Contract, Function, Problem, SourceUnit, StateVariable

__all__ = ["LANGUAGE", "MAX_CODE_BYTES", "SUFFIXES", "is_bytecode", "read_bytecode"]

LANGUAGE = "evm"
SUFFIXES = (".hex", ".bin", ".bin-runtime")
"""Endings of hex digits in a file; the latter two as solc names them."""
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}\Z")
MAX_CODE_BYTES = 96 << 10
"""Twice the largest creation code that EIP-3860 lets through."""
_HEX = re.compile(rb"(\s*(?:0x)?)([0-9a-fA-F]+)\s*\Z")
_ELEMENTARY = re.compile(r"(?:u?int\d{1,3}|bytes\d{0,2}|address|bool|string)\Z")
_OBJECT_FORMAT = b"\xef\x00"
_DELEGATION = b"\xef\x01\x00"
_MAX_ENTRIES = 1_000


def is_bytecode(path: Path) -> bool:
    """Whether a file is bytecode, by its ending, or named by the address it was fetched from."""
    return path.suffix in SUFFIXES or bool(_ADDRESS.match(path.name))


def read_bytecode(text: bytes, name: str) -> SourceUnit:
    """Read runtime code in hex, or creation code, of which the code that it returns counts.

    Args:
        text: hex digits, with or without `0x`.
        name: what to call the contract.
    """
    found = _HEX.match(text)
    if found is None or len(found[2]) % 2:
        return _unit((text, name), (), None, "no bytecode in hex")
    raw = bytes.fromhex(found[2].decode("ascii"))
    reason = ""
    if len(raw) > MAX_CODE_BYTES:
        reason, raw = (
            f"only the first {MAX_CODE_BYTES:,} bytes of code were followed",
            raw[:MAX_CODE_BYTES],
        )
    reason = reason or _form(raw)
    start, end = runtime_span(raw)
    base = len(found[1])
    variables: dict[int, StateVariable] = {}
    creation = Bytecode(raw, base, variables=variables) if start else None
    code = Bytecode(raw[start:end], base + 2 * start, variables=variables, creation=creation)
    code.entries.update(_entries(code.code))
    functions = [_function(code, entry) for entry in code.entries.values()]
    if creation is not None:
        functions.append(_constructor(creation))
    if 0 not in code.entries:
        functions.append(_fallback(code))
    return _unit((text, name), tuple(functions), code, reason)


def _form(raw: bytes) -> str:
    """Return why code that is none of the machine's is not followed; empty for any other."""
    if raw.startswith(_OBJECT_FORMAT):
        return "the object format (EOF, EIP-3540) is not read"
    if raw.startswith(_DELEGATION):
        return (
            f"an account that delegates (EIP-7702) to 0x{raw[3:23].hex()}, whose code is not here"
        )
    return ""


def _entries(code: bytes) -> dict[int, Entry]:
    told = evmole.contract_info(code, selectors=True, arguments=True, state_mutability=True)
    found: dict[int, Entry] = {}
    for each in (told.functions or ())[:_MAX_ENTRIES]:
        entry = Entry(
            each.selector, each.bytecode_offset, each.arguments or "", each.state_mutability or ""
        )
        if 0 < entry.pc < len(code):
            found.setdefault(entry.pc, entry)
    return found


def _function(code: Bytecode, entry: Entry) -> Function:
    start, end = code.span(entry.pc, 1)
    mutability = "" if entry.mutability == "nonpayable" else entry.mutability
    types = enumerate(_parts(entry.arguments))
    parameters = tuple(
        Variable(start, end, f"argument{at}", _type(t, start, end)) for at, t in types
    )
    body = Block(start, end, ())
    name = f"0x{entry.selector}"
    return Function(start, end, "function", name, parameters, (), "external", mutability, (), body)


def _fallback(code: Bytecode) -> Function:
    start, end = code.span(0, 1)
    body = Block(start, end, ())
    return Function(start, end, "fallback", "", (), (), "external", "payable", (), body)


def _constructor(creation: Bytecode) -> Function:
    start, end = creation.span(0, 1)
    body = Block(start, end, ())
    return Function(start, end, "constructor", "", (), (), "external", "payable", (), body)


def _parts(arguments: str) -> list[str]:
    """Split a list of types at the commas outside of brackets, one for each word of the head."""
    found, depth, part = list[str](), 0, ""
    for sign in arguments:
        depth += (sign == "(") - (sign == ")")
        if sign == "," and depth == 0:
            found.append(part)
            part = ""
        else:
            part += sign
    return [*found, part] if part else found


def _type(name: str, start: int, end: int) -> TypeName | None:
    return ElementaryType(start, end, name) if _ELEMENTARY.match(name) else None


def _unit(
    whole: tuple[bytes, str], functions: tuple[Function, ...], code: Bytecode | None, reason: str
) -> SourceUnit:
    text, name = whole
    problems = (Problem(0, len(text), reason),) if reason else ()
    found = Contract(0, len(text), "contract", name, (), (), functions, (), (), (), (), ())
    free = found._replace(kind="free", name="", end=0, functions=())
    return SourceUnit(LANGUAGE, (), (), (found,), free, (), problems, code=code)
