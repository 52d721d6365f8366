"""What a compiler knows of a file: types of expressions, and which declaration a name means."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from diptych.audit.graph.types import ADDRESS, UNKNOWN, Type, elementary_type

if TYPE_CHECKING:
    from diptych.audit.graph.program import ContractNode

__all__ = ["Meanings", "Span", "Target", "written_type"]

Span: TypeAlias = tuple[int, int]
_MAX_DEPTH = 12
_PLACES = ("storage", "memory", "calldata", "ref", "pointer", "slice")
_NAMED = ("contract ", "struct ", "enum ", "library ")


class Target(NamedTuple):
    """A function that is declared: the path of its file, and where it starts there."""

    path: str
    start: int


@dataclass(frozen=True)
class Meanings:
    """What a compiler says of one file, by source range (byte offsets).

    Attributes:
        types: types of expressions, as the compiler writes them.
        targets: the function that a name or member means, where it is one.
    """

    types: Mapping[Span, str]
    targets: Mapping[Span, Target]
    _known: dict[str, Type] = field(default_factory=dict)

    def type_at(self, start: int, end: int, owner: "ContractNode") -> Type:
        """Return the type of an expression, `UNKNOWN` where the compiler says nothing of it."""
        written = self.types.get((start, end))
        if written is None:
            return UNKNOWN
        if written not in self._known:
            self._known[written] = written_type(written, owner)
        return self._known[written]


def written_type(text: str, owner: "ContractNode", depth: int = 0) -> Type:
    """Read a type as the compiler writes it, `mapping(address => uint256)`.

    Args:
        text: a `typeString`.
        owner: whose names it uses.
        depth: how deep it stands in another.
    """
    text = text.strip()
    if depth > _MAX_DEPTH:
        return UNKNOWN
    while (parts := text.rpartition(" "))[2] in _PLACES:
        text = parts[0]
    if text.endswith("]"):
        return _array(text, owner, depth)
    for head, read in (("mapping(", _mapping), ("tuple(", _tuple)):
        if text.startswith(head) and text.endswith(")"):
            return read(text[len(head) : -1], owner, depth)
    return _single(text, owner)


def _single(text: str, owner: "ContractNode") -> Type:
    if text.startswith("address"):
        return ADDRESS
    if text.startswith(("int_const", "rational_const")):
        return Type("literal", 256)
    if text.startswith("literal_string"):
        return Type("string")
    if text.startswith("function "):
        return Type("function", name="external" if " external" in text else "internal")
    simple = elementary_type(text)
    if simple is not UNKNOWN:
        return simple
    kind = next((head for head in _NAMED if text.startswith(head)), "")
    name = text[len(kind) :]
    plain = name.replace(".", "").replace("_", "").replace("$", "").isalnum()
    return owner.named_type(name) if plain else UNKNOWN


def _array(text: str, owner: "ContractNode", depth: int) -> Type:
    item, _, size = text[:-1].rpartition("[")
    inner = written_type(item, owner, depth + 1)
    if not size:
        return Type("array", parts=(inner,))
    return Type("array", parts=(inner,), length=int(size)) if size.isdecimal() else UNKNOWN


def _mapping(text: str, owner: "ContractNode", depth: int) -> Type:
    key, _, value = text.partition(" => ")
    pair = (written_type(key, owner, depth + 1), written_type(value, owner, depth + 1))
    return Type("mapping", parts=pair)


def _tuple(text: str, owner: "ContractNode", depth: int) -> Type:
    parts: list[str] = []
    level, start = 0, 0
    for at, char in enumerate(text):
        level += (char in "([") - (char in ")]")
        if char == "," and level == 0:
            parts.append(text[start:at])
            start = at + 1
    parts += [text[start:]] if text else []
    return Type("tuple", parts=tuple(written_type(each, owner, depth + 1) for each in parts))
