"""The annotated syntax trees of Vyper 0.4 and later, read for what our own reading cannot know.

The places that they name count characters, and are cut short at calls; what does not fit the text
is passed over.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from diptych.audit.graph.meanings import Meanings, Span, Target
from diptych.audit.graph.program import Unit
from diptych.audit.syntax.unit import Contract

__all__ = ["vyper_meanings"]

_MAX_NODES = 2_000_000
_MAX_DEPTH = 12
_MAX_CALL_CHARS = 4_000
_ABOUT = frozenset({"type", "variable_reads", "variable_writes", "doc_string"})
_CALLS = frozenset({"Call", "ExtCall", "StaticCall"})
_VALUES = frozenset({"Attribute", "BinOp", "Name", "Subscript", *_CALLS})
_SEQUENCES = {"Bytes": "bytes", "String": "string"}
_OPEN, _CLOSE = "([{", ")]}"


class _Place(NamedTuple):
    """A file of the compilation: our unit, its text as characters."""

    unit: Unit
    text: str


def vyper_meanings(answer: Any, units: Mapping[str, Unit]) -> dict[str, Meanings]:
    """Return what a compilation says of each file.

    Args:
        answer: what `vyper -f annotated_ast` gives.
        units: our unit of each name that the compiler was given.
    """
    found = answer if isinstance(answer, dict) else {}
    imports = found.get("imports")
    modules = [found.get("ast"), *(imports if isinstance(imports, list) else ())]
    places: dict[int, _Place] = {}
    trees: dict[int, dict[str, Any]] = {}
    for module in modules:
        number = module.get("source_id") if isinstance(module, dict) else None
        unit = _unit(module, units) if isinstance(number, int) else None
        if unit is None or not isinstance(number, int):
            continue
        try:
            places[number] = _Place(unit, unit.text.decode())
        except UnicodeDecodeError:
            continue
        trees[number] = module
    declared = {key: at for number in places for key, at in _declared(number, places, trees)}
    return {
        place.unit.path: _meanings(place, trees[number], declared)
        for number, place in places.items()
    }


def _unit(module: dict[str, Any], units: Mapping[str, Unit]) -> Unit | None:
    """Return the unit of a module; its path is that of a folder made for the compilation."""
    path = str(module.get("resolved_path"))[:4_096]
    return next((unit for name, unit in units.items() if path.endswith("/" + name)), None)


def _declared(
    number: int, places: Mapping[int, _Place], trees: Mapping[int, dict[str, Any]]
) -> Iterator[tuple[tuple[int, int], Target]]:
    """Yield the functions of a module by the compiler's numbers."""
    unit, text = places[number]
    starts = {
        function.name: function.start
        for one in unit.tree.contracts[:1]
        for function in one.functions
    }
    body = trees[number].get("body")
    for node in body if isinstance(body, list) else ():
        if isinstance(node, dict) and node.get("ast_type") == "FunctionDef":
            name, own = str(node.get("name")), node.get("node_id")
            if name in starts and isinstance(own, int) and name in text:
                yield (number, own), Target(unit.path, starts[name] - unit.tree.shift)


def _meanings(
    place: _Place, tree: dict[str, Any], declared: Mapping[tuple[int, int], Target]
) -> Meanings:
    types: dict[Span, str] = {}
    targets: dict[Span, Target] = {}
    in_bytes = _offsets(place.text)
    written = _Writer(place.unit)
    for node in _nodes(tree):
        span = _span(node, place.text)
        about = node.get("type")
        if span is None or not isinstance(about, dict):
            continue
        where = (in_bytes(span[0]), in_bytes(span[1]))
        declaration = about.get("type_decl_node")
        if about.get("typeclass") == "contract_function" and isinstance(declaration, dict):
            meant = declared.get(_number(declaration))
            if meant is not None:
                targets.setdefault(where, meant)
            continue
        text = written(about)
        if text:
            types.setdefault(where, text)
    return Meanings(types, targets)


def _number(declaration: dict[str, Any]) -> tuple[int, int]:
    """Return a declaration's module and its number there, impossible ones if it has none."""
    module, node = declaration.get("source_id"), declaration.get("node_id")
    if isinstance(module, int) and isinstance(node, int):
        return module, node
    return -1, -1


def _offsets(text: str) -> Callable[[int], int]:
    """Return what counts the bytes before a character."""
    if text.isascii():
        return lambda at: at
    before = [0]
    for char in text:
        before.append(before[-1] + len(char.encode()))
    return lambda at: before[min(at, len(text))]


def _span(node: dict[str, Any], text: str) -> Span | None:
    """Read `start:length:source` of an expression whose text fits."""
    kind = node.get("ast_type")
    parts = str(node.get("src", ""))[:60].split(":")
    if kind not in _VALUES or len(parts) != 3:
        return None
    if not (parts[0].isdecimal() and parts[1].isdecimal()):
        return None
    start, end = int(parts[0]), int(parts[0]) + int(parts[1])
    found = text[start:end]
    if kind == "Name":
        return (start, end) if found == node.get("id") else None
    if kind == "Attribute":
        return (start, end) if found.endswith(f".{node.get('attr')}") else None
    if kind in _CALLS and not found.endswith(")"):
        return _whole_call(text, start, end)
    return (start, end) if found and found == found.strip() else None


def _whole_call(text: str, start: int, end: int) -> Span | None:
    """Add the arguments to a call that is cut short."""
    if text[end : end + 1] != "(":
        return None
    depth = 0
    for at in range(end, min(end + _MAX_CALL_CHARS, len(text))):
        depth += (text[at] in _OPEN) - (text[at] in _CLOSE)
        if depth == 0:
            return start, at + 1
    return None


def _types(contract: Contract) -> Iterator[str]:
    """Yield the names of the structs and flags that a module declares."""
    yield from (each.name for each in contract.structures)
    yield from (each.name for each in contract.enumerations)


class _Writer:
    """Writes types as Solidity's compiler does, which is how meanings are kept."""

    def __init__(self, unit: Unit) -> None:
        self._own = {name for one in unit.tree.contracts for name in _types(one)}
        self._other = {
            name: f"{one.name}.{name}"
            for other in unit.visible
            for one in other.tree.contracts
            for name in _types(one)
        }

    def __call__(self, about: Any, depth: int = 0) -> str:
        """Return a type's text, empty for what has none."""
        if not isinstance(about, dict) or depth > _MAX_DEPTH:
            return ""
        name, kind = str(about.get("name", ""))[:200], about.get("typeclass")
        if kind in ("dynamic_array", "static_array"):
            inner = self(about.get("value_type"), depth + 1)
            length = about.get("length") if kind == "static_array" else ""
            return f"{inner}[{length}]" if inner else ""
        if kind == "hashmap":
            key = self(about.get("key_type"), depth + 1)
            value = self(about.get("value_type"), depth + 1)
            return f"mapping({key} => {value})" if key and value else ""
        if kind == "interface":
            return f"contract {name.rpartition('/')[2].removesuffix('.vyi').removesuffix('.vy')}"
        if kind in ("struct", "flag"):
            return f"struct {name if name in self._own else self._other.get(name, name)}"
        return "" if kind == "module" or name == "self" else _SEQUENCES.get(name, name)


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Yield all nodes of a tree, a bounded number, however deep."""
    pending = [tree]
    left = _MAX_NODES
    while pending and left:
        left -= 1
        node = pending.pop()
        if isinstance(node, dict):
            yield node
            parts = (value for key, value in node.items() if key not in _ABOUT)
            pending += [each for each in parts if isinstance(each, dict | list)]
        elif isinstance(node, list):
            pending += [each for each in node if isinstance(each, dict | list)]
