"""Events as an ABI declares them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from diptych.index.abi.types import BadAbi, Elementary, Shape, Tuple
from diptych.index.blocks import MAX_TOPICS
from diptych_verify.json_syntax import shown

SYSTEM_COLUMNS = (
    "_block",
    "_block_hash",
    "_timestamp",
    "_transaction",
    "_transaction_index",
    "_log_index",
    "_address",
)
MAX_INPUTS = 256
_RESERVED = frozenset((*SYSTEM_COLUMNS, "_event"))
_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]{0,127}")


@dataclass(frozen=True)
class Input:
    """One argument of an event.

    Attributes:
        name: as declared, or empty.
        shape: type, parsed.
        indexed: whether it is a topic.
    """

    name: str
    shape: Shape
    indexed: bool = False

    @property
    def type(self) -> str:
        """Canonical name of the type."""
        return self.shape.text

    @property
    def hashed(self) -> bool:
        """Whether only its hash is in the log, as with indexed strings, arrays and structs."""
        return self.indexed and not isinstance(self.shape, Elementary)

    @property
    def components(self) -> "tuple[Input, ...]":
        """Members of a struct; empty for other types."""
        if not isinstance(self.shape, Tuple):
            return ()
        return tuple(map(Input, self.shape.names, self.shape.items))


@dataclass(frozen=True)
class Event:
    """One event.

    Attributes:
        name: without arguments.
        inputs: arguments in order.
        anonymous: whether logs lack the first topic, so that only the address tells.
    """

    name: str
    inputs: tuple[Input, ...]
    anonymous: bool = False

    @cached_property
    def signature(self) -> str:
        """Name and canonical types: `Transfer(address,address,uint256)`."""
        return f"{self.name}({','.join(one.type for one in self.inputs)})"

    @cached_property
    def topic0(self) -> bytes:
        """Keccak-256 of the signature, 32 bytes; no topic of anonymous events."""
        from eth_hash.auto import keccak

        return bytes(keccak(self.signature.encode()))

    @property
    def topics(self) -> int:
        """How many topics its logs have."""
        return sum(one.indexed for one in self.inputs) + (not self.anonymous)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Names of the arguments' columns, none twice and none of the system's."""
        return unique_names((one.name for one in self.inputs), _RESERVED)

    @property
    def declaration(self) -> str:
        """As Solidity declares it; `read_abi` reads it again."""
        inputs = ", ".join(
            " ".join(filter(None, (one.type, "indexed" if one.indexed else "", one.name)))
            for one in self.inputs
        )
        return f"event {self.name}({inputs}){' anonymous' if self.anonymous else ''}"


def make_event(name: str, inputs: Iterable[Input], *, anonymous: bool = False) -> Event:
    """Return an event whose parts fit together.

    Raises:
        BadAbi: a name is no identifier, or there are too many arguments or topics.
    """
    made = Event(check_name(name), tuple(inputs), anonymous)
    if made.topics > MAX_TOPICS or len(made.inputs) > MAX_INPUTS:
        raise BadAbi(
            f"event {name}: got {made.topics} topics and {len(made.inputs)} arguments, "
            f"expected at most {MAX_TOPICS} and {MAX_INPUTS}"
        )
    return made


def check_name(name: str) -> str:
    """Return an identifier.

    Raises:
        BadAbi: it is none.
    """
    if not _NAME.fullmatch(name):
        raise BadAbi(f"got name {shown(name)}, expected letters, digits, _ and $")
    return name


def unique_names(names: Iterable[str], reserved: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Return names for columns: `arg0` for none, `_` behind each that is taken.

    >>> unique_names(["to", "", "to"])
    ('to', 'arg1', 'to_')
    """
    found: list[str] = []
    taken = set(reserved)
    for place, declared in enumerate(names):
        name = declared or f"arg{place}"
        while name in taken:
            name += "_"
        taken.add(name)
        found.append(name)
    return tuple(found)
