"""What users write: pure functions from events to rows, one by one or a table at a time."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from diptych.index.manifest.contract import Subject

if TYPE_CHECKING:
    import pyarrow as pa

Row = TypeVar("Row")


class EventRow(NamedTuple):
    """One decoded event, as row handlers get it.

    Attributes:
        id: `<block>-<log index>`, unique on a branch.
        block: height.
        block_hash: 0x text.
        timestamp: of the block, seconds since the epoch.
        transaction: hash, 0x text.
        transaction_index: position in the block.
        log_index: position in the block.
        address: of the contract, 0x text in lower case.
        args: arguments by name; numbers of any size are `int`.
    """

    id: str
    block: int
    block_hash: str
    timestamp: int
    transaction: str
    transaction_index: int
    log_index: int
    address: str
    args: Mapping[str, Any]


class Read(Protocol):
    """Looks up the row that stands, with what handlers yielded before this event."""

    def __call__(self, entity: type[Row], /, *key: object) -> Row | None:
        """Return the row of a key, or None."""
        ...


class Delete(NamedTuple):
    """Yielded by a row handler: the row of this key stands no more."""

    entity: type
    key: tuple[object, ...]


RowHandler = Callable[[EventRow, Read], Iterable[object]]
BatchHandler = Callable[["pa.Table"], Mapping[type, object]]


@dataclass(frozen=True)
class Handler:
    """A function and the events that it is called for.

    Attributes:
        name: of the function.
        subjects: its events.
        by_row: called for each event, None for a batch handler.
        by_batch: called for many events at once, None for a row handler.
        text: what it was made of, where the code alone does not say.
    """

    name: str
    subjects: tuple[Subject, ...]
    by_row: RowHandler | None = None
    by_batch: BatchHandler | None = None
    text: str = ""


def delete(entity: type, *key: object) -> Delete:
    """Return what a row handler yields to take a row away."""
    return Delete(entity, key)


def each(yielded: Iterable[object] | None) -> Iterator[object]:
    """Iterate over what a row handler gave; None is nothing."""
    return iter(yielded or ())
