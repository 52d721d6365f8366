"""One Vyper file, 0.2 to 0.4, into our syntax tree. No compiler; nothing is ever run.

A module becomes one contract. What cannot be read costs its own line and is listed in `problems`.
"""

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from diptych.audit.syntax.unit import (
    Contract,
    Enumeration,
    Function,
    Import,
    Signature,
    SourceUnit,
    StateVariable,
    Structure,
)
from diptych.audit.syntax.vyper import imports, locks
from diptych.audit.syntax.vyper.declarations import (
    fragment,
    read_function,
    read_interface,
    read_members,
    read_state_variable,
)
from diptych.audit.syntax.vyper.layout import Node, lay_out
from diptych.audit.syntax.vyper.lines import logical_lines
from diptych.audit.syntax.vyper.parse import parse_line, quiet
from diptych.audit.syntax.vyper.text import Source

__all__ = ["read_vyper"]

_MEMBERS = re.compile(rb"(?:struct|event|flag|enum|error)\s+\w+\s*(?:\(\s*\)\s*)?:")
_INTERFACE = re.compile(rb"(?:interface|contract)\s+\w+\s*:")
_FUNCTION = re.compile(rb"def\b")
_IMPORT = re.compile(rb"(?:import|from)\b")
_PRAGMA = re.compile(r"#\s*(?:@version|pragma\s+version|pragma\s+nonreentrancy)\s+[^\n\r]*")
_NO_MEMBERS = frozenset({"balance", "code", "codehash", "codesize", "is_contract"})
_EMPTY = Contract(0, 0, "contract", "", *[()] * 8)


@dataclass(frozen=True, slots=True)
class _Found:
    functions: list[Function] = field(default_factory=list)
    variables: list[StateVariable] = field(default_factory=list)
    structures: list[Structure] = field(default_factory=list)
    enumerations: list[Enumeration] = field(default_factory=list)
    signatures: list[Signature] = field(default_factory=list)
    interfaces: list[Contract] = field(default_factory=list)
    imports: list[Import] = field(default_factory=list)
    exports: list[str] = field(default_factory=list)
    loose: list[Node] = field(default_factory=list)


def read_vyper(data: bytes, name: str = "", *, interface: bool = False) -> SourceUnit:
    """Read one Vyper file, whole or fragment.

    Args:
        data: the file's bytes; what is not UTF-8 is kept out of names.
        name: the module's name, that of the file without its ending.
        interface: whether it is a `.vyi` file, which only declares.
    """
    taken = logical_lines(data)
    source = Source(data, taken.calls, taken.hexes)
    with quiet():
        found = _read(source, lay_out(taken.lines), "external" if interface else "internal")
    pragmas = _pragmas(data, taken.comments)
    functions = tuple(locks.with_locks(f, pragmas) for f in found.functions)
    types = _EMPTY._replace(
        end=len(data),
        structures=tuple(found.structures),
        enumerations=tuple(found.enumerations),
        signatures=tuple(found.signatures),
    )
    module = types._replace(
        kind="interface" if interface else "contract",
        name=name,
        functions=functions,
        variables=(*found.variables, *_implied(source, found)),
        exports=tuple(found.exports),
    )
    return SourceUnit(
        "vyper",
        pragmas,
        tuple(found.imports),
        (module, *found.interfaces),
        types._replace(kind="free"),
        taken.comments,
        tuple(source.problems),
    )


def _pragmas(data: bytes, comments: Iterable[tuple[int, int]]) -> tuple[str, ...]:
    """Return what the file says about compilers and locks: `vyper ^0.3.10`."""
    texts = (data[start:end].decode("utf-8", "replace") for start, end in comments)
    found = (text.lstrip("# \t") for text in texts if _PRAGMA.match(text))
    return tuple(re.sub(r"\A(?:@version|pragma\s+version)", "vyper", text) for text in found)


def _read(source: Source, nodes: list[Node], default: str) -> _Found:
    """Read the declarations of a file."""
    found = _Found()
    decorators: list[Node] = []
    for node in nodes:
        text = node.line.text
        if text.startswith(b"@"):
            decorators.append(node)
            continue
        if _FUNCTION.match(text):
            function = read_function(source, node, decorators, default)
            found.functions.extend([] if function is None else [function])
        else:
            _declaration(source, node, found)
        decorators = []
    if found.loose:
        found.functions.append(fragment(source, found.loose))
    return found


def _declaration(source: Source, node: Node, found: _Found) -> None:
    line = node.line
    if _MEMBERS.match(line.text):
        match read_members(source, node):
            case Structure() as made:
                found.structures.append(made)
            case Enumeration() as made:
                found.enumerations.append(made)
            case Signature() as made:
                found.signatures.append(made)
    elif _INTERFACE.match(line.text):
        found.interfaces.append(read_interface(source, node, _EMPTY))
    elif line.reason:
        source.problem(line.start, line.end, line.reason)
    elif _IMPORT.match(line.text):
        found.imports.extend(imports.read_imports(source, line))
    else:
        _statement(source, node, found)


def _statement(source: Source, node: Node, found: _Found) -> None:
    """Read a state variable, an `exports`, or what belongs in a function."""
    line = node.line
    parsed = parse_line(line.text)
    if parsed is None:
        found.loose.append(node)
        return
    for each in parsed:
        target = getattr(getattr(each, "target", None), "id", "")
        if isinstance(each, ast.AnnAssign) and target in imports.WORDS:
            found.exports.extend(imports.exported(each.annotation) if target == "exports" else ())
        elif isinstance(each, ast.AnnAssign) and not line.indent and target:
            made = read_state_variable(source, line.start, each)
            found.variables.extend([] if made is None else [made])
        elif not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant)):
            found.loose.append(node)
            return


def _implied(source: Source, found: _Found) -> Iterable[StateVariable]:
    """Yield what a fragment uses as state without declaring it."""
    known = {variable.name for variable in found.variables}
    known |= {function.name for function in found.functions} | _NO_MEMBERS
    for name, (start, end) in source.fields.items():
        if name not in known:
            yield StateVariable(start, end, name, None, "internal", "", None)
