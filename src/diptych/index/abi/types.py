"""ABI types, parsed: what stands where in the data of an event, and how large it is.

Source: Solidity documentation, "Contract ABI Specification".
"""

import re
from dataclasses import dataclass

from diptych.core.errors import UsageError
from diptych_verify.json_syntax import shown

WORD_BYTES = 32
MAX_DEPTH = 16
MAX_WORDS = 4096
_ALIASES = {
    "uint": "uint256",
    "int": "int256",
    "byte": "bytes1",
    "fixed": "fixed128x18",
    "ufixed": "ufixed128x18",
}
_ELEMENTARY = re.compile(r"(uint|int|bytes|fixed|ufixed)([1-9][0-9]{0,2})(?:x([1-9][0-9]?))?")
_SIZES = re.compile(r"\[([0-9]*)\]")
_TYPE = re.compile(r"([a-z]+[0-9x]*)((?:\[[0-9]{0,6}\]){0,16})")


class BadAbi(UsageError):
    """No ABI that events can be decoded by."""

    code = "Index.BadAbi"


@dataclass(frozen=True)
class Elementary:
    """A type of one word.

    Attributes:
        text: canonical name.
        kind: `uint`, `int`, `address`, `bool`, `bytes`, `fixed` or `ufixed`.
        size: bytes of the word that it fills.
        places: decimal places of `fixed` and `ufixed`.
    """

    text: str
    kind: str
    size: int
    places: int = 0
    dynamic: bool = False
    words: int = 1


@dataclass(frozen=True)
class Blob:
    """`bytes` or `string`."""

    text: str
    dynamic: bool = True
    words: int = 1


@dataclass(frozen=True)
class Sequence:
    """An array; `count` is None where its length is told in the data."""

    item: "Shape"
    count: int | None

    @property
    def text(self) -> str:
        """Canonical name."""
        return f"{self.item.text}[{'' if self.count is None else self.count}]"

    @property
    def dynamic(self) -> bool:
        """Whether a pointer stands in its place."""
        return self.count is None or self.item.dynamic

    @property
    def words(self) -> int:
        """How many words it fills in place."""
        return 1 if self.count is None or self.item.dynamic else self.count * self.item.words


@dataclass(frozen=True)
class Tuple:
    """A struct; `names` are as declared, empty where unnamed."""

    names: tuple[str, ...]
    items: tuple["Shape", ...]

    @property
    def text(self) -> str:
        """Canonical name."""
        return f"({','.join(one.text for one in self.items)})"

    @property
    def dynamic(self) -> bool:
        """Whether a pointer stands in its place."""
        return any(one.dynamic for one in self.items)

    @property
    def words(self) -> int:
        """How many words it fills in place."""
        return 1 if self.dynamic else self.head_words

    @property
    def head_words(self) -> int:
        """How many words stand before what is pointed to."""
        return sum(one.words for one in self.items)


Shape = Elementary | Blob | Sequence | Tuple


def elementary(text: str) -> Elementary | Blob:
    """Return a type that is neither array nor tuple.

    Raises:
        BadAbi: there is no such type.

    >>> elementary("uint").text
    'uint256'
    """
    text = _ALIASES.get(text, text)
    if text in ("bytes", "string"):
        return Blob(text)
    simple = {"address": ("address", 20), "bool": ("bool", 1), "function": ("bytes", 24)}
    if text in simple:
        return Elementary(text, *simple[text])
    found = _ELEMENTARY.fullmatch(text)
    if found is None:
        raise _unknown(text)
    kind, size, places = found[1], int(found[2]), int(found[3] or 0)
    bits = size * 8 if kind == "bytes" else size
    if bits % 8 or bits > 256 or places > 80 or (places > 0) != kind.endswith("fixed"):
        raise _unknown(text)
    return Elementary(text, kind, bits // 8, places)


def arrays(shape: Shape, suffix: str) -> Shape:
    """Return arrays of a type, for `[2][]` and the like.

    Raises:
        BadAbi: too large or too deep.
    """
    for size in _SIZES.findall(suffix):
        count = int(size) if size else None
        if count == 0:
            raise BadAbi(f"got type {shown(shape.text + suffix)}, expected no array of 0 items")
        shape = Sequence(shape, count)
    check_size(shape)
    return shape


def parse_type(text: str, components: Tuple | None = None) -> Shape:
    """Return the type of a member `type` of a JSON ABI.

    Args:
        text: for example `uint256[2][]` or `tuple[]`.
        components: what `tuple` stands for.

    Raises:
        BadAbi: there is no such type.

    >>> parse_type("uint8[2][]").text
    'uint8[2][]'
    """
    found = _TYPE.fullmatch(text)
    if found is None:
        raise _unknown(text)
    if found[1] == "tuple":
        if components is None:
            raise BadAbi(f"got type {shown(text)} without components")
        return arrays(components, found[2])
    return arrays(elementary(found[1]), found[2])


def check_size(shape: Shape) -> None:
    """Refuse types that no contract has but that would cost time and memory.

    Raises:
        BadAbi: larger than 4096 words in place, or nested deeper than 16.
    """
    if depth(shape) > MAX_DEPTH or _largest(shape) > MAX_WORDS:
        raise BadAbi(
            f"got type {shown(shape.text)}, expected at most {MAX_WORDS} words in place "
            f"and {MAX_DEPTH} levels"
        )


def depth(shape: Shape) -> int:
    """Return how many levels of arrays and tuples there are.

    >>> depth(parse_type("uint8[2][]"))
    2
    """
    if isinstance(shape, Sequence):
        return 1 + depth(shape.item)
    if isinstance(shape, Tuple):
        return 1 + max((depth(one) for one in shape.items), default=0)
    return 0


def _largest(shape: Shape) -> int:
    if isinstance(shape, Sequence):
        return max(shape.words, shape.count or 0, _largest(shape.item))
    if isinstance(shape, Tuple):
        return max(shape.head_words, *(_largest(one) for one in shape.items))
    return 1


def _unknown(text: str) -> BadAbi:
    return BadAbi(
        f"got type {shown(text)}, expected one of Solidity's ABI",
        hint="write uint8 for an enum, address for a contract, a tuple for a struct",
    )
