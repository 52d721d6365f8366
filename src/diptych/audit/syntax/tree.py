"""The syntax tree that every source language is read into, before names mean anything.

One tree for Solidity 0.4-0.8 and Vyper, from tree-sitter or a compiler's own tree. Nodes are plain
named tuples: immutable, cheap to make, and free of behaviour. `start` and `end` are byte offsets
into the source text; `end` is exclusive.
"""

from typing import NamedTuple, TypeAlias

# --- types -------------------------------------------------------------------------------------


class ElementaryType(NamedTuple):
    """A built-in value type or `string`/`bytes`, in its long form: `uint256`, not `uint`."""

    start: int
    end: int
    name: str


class NamedType(NamedTuple):
    """A type that the source names: a contract, struct, enum or user value type."""

    start: int
    end: int
    name: str


class MappingType(NamedTuple):
    """`mapping(key => value)`, or Vyper's `HashMap[key, value]`."""

    start: int
    end: int
    key: "TypeName"
    value: "TypeName"


class ArrayType(NamedTuple):
    """`item[]` (length None) or `item[length]`; `bounded` is Vyper's `DynArray`."""

    start: int
    end: int
    item: "TypeName"
    length: "Expression | None"
    bounded: bool = False


class FunctionType(NamedTuple):
    """A function pointer; only whether it can leave the contract matters here."""

    start: int
    end: int
    external: bool


TypeName: TypeAlias = ElementaryType | NamedType | MappingType | ArrayType | FunctionType

# --- expressions -------------------------------------------------------------------------------


class Name(NamedTuple):
    """An identifier."""

    start: int
    end: int
    text: str


class Number(NamedTuple):
    """A number with its unit multiplied in; `value` is None where it is a fraction."""

    start: int
    end: int
    value: int | None
    text: str


class Text(NamedTuple):
    """A string, hex string or unicode string, as bytes without its quotes."""

    start: int
    end: int
    value: bytes


class Truth(NamedTuple):
    """`true` or `false`."""

    start: int
    end: int
    value: bool


class Member(NamedTuple):
    """`base.name`."""

    start: int
    end: int
    base: "Expression"
    name: str


class Index(NamedTuple):
    """`base[key]`; key is None in `T[]` used as an expression."""

    start: int
    end: int
    base: "Expression"
    key: "Expression | None"


class Slice(NamedTuple):
    """`base[first:last]`."""

    start: int
    end: int
    base: "Expression"
    first: "Expression | None"
    last: "Expression | None"


class Call(NamedTuple):
    """A call; `names` is as long as `arguments` where they are named, else empty.

    `options` holds `{value: v, gas: g, salt: s}` and the older `.value(v).gas(g)` alike.
    """

    start: int
    end: int
    function: "Expression"
    arguments: tuple["Expression", ...]
    names: tuple[str, ...] = ()
    options: tuple[tuple[str, "Expression"], ...] = ()


class Unary(NamedTuple):
    """`!x`, `-x`, `~x`, `delete x`."""

    start: int
    end: int
    operator: str
    operand: "Expression"


class Update(NamedTuple):
    """`++x`, `x--`; `prefix` says whether the value is that after the change."""

    start: int
    end: int
    operator: str
    operand: "Expression"
    prefix: bool


class Binary(NamedTuple):
    """`left operator right`."""

    start: int
    end: int
    operator: str
    left: "Expression"
    right: "Expression"


class Assign(NamedTuple):
    """`left = right`, or `left += right` with operator `+`."""

    start: int
    end: int
    operator: str
    left: "Expression"
    right: "Expression"


class Conditional(NamedTuple):
    """`test ? yes : no`."""

    start: int
    end: int
    test: "Expression"
    yes: "Expression"
    no: "Expression"


class Sequence(NamedTuple):
    """A tuple with gaps as None, or with `array` an inline array."""

    start: int
    end: int
    items: tuple["Expression | None", ...]
    array: bool = False


class New(NamedTuple):
    """`new T`; the call around it carries the arguments."""

    start: int
    end: int
    type: TypeName


class TypeExpression(NamedTuple):
    """A type where a value could stand: the function of a cast, the argument of `type()`."""

    start: int
    end: int
    type: TypeName


class Unread(NamedTuple):
    """Source that no grammar rule covers; kept so that nothing is dropped in silence."""

    start: int
    end: int


Expression: TypeAlias = (
    Name
    | Number
    | Text
    | Truth
    | Member
    | Index
    | Slice
    | Call
    | Unary
    | Update
    | Binary
    | Assign
    | Conditional
    | Sequence
    | New
    | TypeExpression
    | Unread
)
