"""Types of an entity's fields, and what each is in Arrow, DuckDB, PostgreSQL and GraphQL.

Amounts are whole numbers of any size: Python `int` in row handlers, decimal text in Arrow, BIGNUM
in DuckDB, NUMERIC(78,0) in PostgreSQL, a string in GraphQL. Addresses, hashes and bytes are `0x`
text in lower case everywhere.
"""

from dataclasses import dataclass
from typing import Annotated, NewType

Uint256 = NewType("Uint256", int)
"""0 to 2**256 - 1."""
Int256 = NewType("Int256", int)
"""Whole number; a sum may also leave the range of int256."""
Address = NewType("Address", str)
"""`0x` and 40 hexadecimal digits in lower case."""
Hash = NewType("Hash", str)
"""`0x` and 64 hexadecimal digits in lower case."""
Bytes = NewType("Bytes", str)
"""`0x` and hexadecimal digits in lower case."""


@dataclass(frozen=True)
class Kind:
    """One type of field.

    Attributes:
        name: for manifests in YAML.
        arrow: name of the Arrow type as `pyarrow.type_for_alias` knows it.
        duckdb: column type.
        postgres: column type.
        graphql: scalar.
    """

    name: str
    arrow: str
    duckdb: str
    postgres: str
    graphql: str

    @property
    def is_amount(self) -> bool:
        """Whether it is a whole number of any size, text in Arrow."""
        return self.graphql == "BigInt"


KINDS: dict[object, Kind] = {
    bool: Kind("bool", "bool", "BOOLEAN", "BOOLEAN", "Boolean"),
    int: Kind("int", "int64", "BIGINT", "BIGINT", "Int8"),
    float: Kind("float", "double", "DOUBLE", "DOUBLE PRECISION", "Float"),
    str: Kind("text", "string", "VARCHAR", "TEXT", "String"),
    Uint256: Kind("uint256", "string", "BIGNUM", "NUMERIC(78,0)", "BigInt"),
    Int256: Kind("int256", "string", "BIGNUM", "NUMERIC(78,0)", "BigInt"),
    Address: Kind("address", "string", "VARCHAR", "TEXT", "Bytes"),
    Hash: Kind("hash", "string", "VARCHAR", "TEXT", "Bytes"),
    Bytes: Kind("bytes", "string", "VARCHAR", "TEXT", "Bytes"),
}


@dataclass(frozen=True)
class Fold:
    """How a yielded value changes the one that stands: the new value is `fold(old, yielded)`.

    All are associative in block order, so that ranges can be folded apart and then together.
    """

    name: str


TOTAL = Fold("sum")
LEAST = Fold("min")
GREATEST = Fold("max")
FIRST = Fold("first")
LAST = Fold("last")

Total = Annotated[Int256, TOTAL]
"""An exact sum; handlers yield what is added."""
Count = Annotated[int, TOTAL]
"""A sum of small numbers; handlers yield what is added."""


@dataclass(frozen=True)
class Key:
    """Marks a field that belongs to the key: `pool: Annotated[Address, Key()]`."""


@dataclass(frozen=True)
class Refers:
    """Marks a field that holds the key of another entity: `Annotated[Address, Refers("Pool")]`."""

    entity: str


@dataclass(frozen=True)
class From:
    """Marks a field of an aggregation that folds a field of another name: `From("price")`."""

    field: str
