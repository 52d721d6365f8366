"""Types as the program graph knows them, resolved from type names."""

import re
from functools import lru_cache
from typing import NamedTuple

__all__ = ["ADDRESS", "BOOL", "UINT256", "UNKNOWN", "Type", "elementary_type", "integer_range"]

_SIZED = re.compile(r"(uint|int|bytes)(\d{1,3})\Z")


class Type(NamedTuple):
    """A resolved type.

    `kind` is one of uint, int, bool, address, fixed_bytes, bytes, string, array, mapping, struct,
    enum, contract, function, tuple, meta, magic, literal, unknown. `bits` is the width of a number
    or of fixed bytes. `parts` holds a mapping's key and value, an array's item, a tuple's items or
    what a meta type names. `name` is the name of a struct, enum, contract or magic object;
    `declaration` is where it is declared, as an opaque object. `length` is a static array's.
    """

    kind: str
    bits: int = 0
    parts: tuple["Type", ...] = ()
    name: str = ""
    declaration: object = None
    length: int | None = None

    @property
    def is_reference(self) -> bool:
        """Whether a variable of this type holds a place, not a value."""
        return self.kind in ("array", "mapping", "struct", "bytes", "string")

    @property
    def is_number(self) -> bool:
        """Whether arithmetic is done on it."""
        return self.kind in ("uint", "int", "literal")


UNKNOWN = Type("unknown")
BOOL = Type("bool", 8)
ADDRESS = Type("address", 160)
UINT256 = Type("uint", 256)


@lru_cache(maxsize=256)
def elementary_type(name: str) -> Type:
    """Return the type of a built-in type's long name, `UNKNOWN` for any other."""
    simple = {"bool": BOOL, "address": ADDRESS, "string": Type("string"), "bytes": Type("bytes")}
    if name in simple:
        return simple[name]
    sized = _SIZED.match(name)
    if sized is None:
        return UNKNOWN
    kind, size = sized[1], int(sized[2])
    return Type("fixed_bytes", size * 8) if kind == "bytes" else Type(kind, size)


def integer_range(kind: Type) -> tuple[int, int] | None:
    """Return the least and greatest value of an integer type, None for other types."""
    if kind.kind == "uint":
        return 0, (1 << kind.bits) - 1
    if kind.kind == "int":
        return -(1 << (kind.bits - 1)), (1 << (kind.bits - 1)) - 1
    return None
