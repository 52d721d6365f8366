"""ERC-1155 tokens: transfers of one and of many kinds, balances, supply and URIs (EIP-1155)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from diptych.index.manifest.entity import entity
from diptych.index.manifest.kinds import Address, Count, Hash, Key, Refers, Total, Uint256
from diptych.index.manifest.manifest import Manifest
from diptych.index.manifest.ready.columns import (
    both_sides,
    identified,
    moves_of,
    places,
    rows_of,
    same,
    supply,
)

if TYPE_CHECKING:
    import pyarrow as pa

_TAKEN = ("_address", "operator", "from", "to", "_timestamp", "_transaction")


@entity(immutable=True)
class Transfer:
    """One transfer of one kind; of a batch, `id` ends with the position in it."""

    id: str
    timestamp: int
    token: Annotated[Address, Refers("Token")]
    token_id: Uint256
    operator: Address
    sender: Address
    receiver: Address
    value: Uint256
    transaction: Hash


@entity
class Balance:
    """How much of a kind an account holds; owners are the rows with an amount above 0."""

    token: Annotated[Address, Key(), Refers("Token")]
    token_id: Annotated[Uint256, Key()]
    account: Annotated[Address, Key()]
    amount: Total


@entity
class Item:
    """A kind of token: what was minted less what was burnt, and how often it moved."""

    token: Annotated[Address, Key(), Refers("Token")]
    token_id: Annotated[Uint256, Key()]
    supply: Total
    transfer_count: Count


@entity
class ItemUri:
    """Where a kind's metadata stand, as last told."""

    token: Annotated[Address, Key(), Refers("Token")]
    token_id: Annotated[Uint256, Key()]
    uri: str


@entity
class Token:
    """A contract: how often any of its kinds moved."""

    id: Address
    transfer_count: Count


def erc1155(
    address: str | Sequence[str] = (), *, name: str = "erc1155", start_block: int = 0
) -> Manifest:
    """Return the manifest of one or more ERC-1155 contracts; of all without an address."""
    manifest = Manifest(name, entities=[Transfer, Balance, Item, ItemUri, Token])
    given = (address,) if isinstance(address, str) else tuple(address)
    token = manifest.contract("Token", abi="erc1155", address=given, start_block=start_block)
    manifest.on_batch(token.events.TransferSingle)(moved)
    manifest.on_batch(token.events.TransferBatch)(moved_many)
    manifest.on_batch(token.events.URI)(renamed)
    return manifest


def moved(events: "pa.Table") -> dict[type, object]:
    """Return the rows of transfers of one kind."""
    more = {"_id": identified(events), "_event": places(events), "token_id": events["id"]}
    return _rows(events, {**more, "value": events["value"]})


def moved_many(events: "pa.Table") -> dict[type, object]:
    """Return the rows of transfers of several kinds.

    Where there are not as many values as kinds, which the standard forbids, nobody can say what
    moved, and nothing is counted.
    """
    import numpy
    import pyarrow as pa
    import pyarrow.compute as pc

    lengths = pc.list_value_length(events["ids"])
    fits = pc.equal(lengths, pc.list_value_length(events["values"]))
    which = places(events).filter(fits.combine_chunks())
    events = events.filter(fits)
    counts = lengths.filter(fits).to_numpy()
    parents = numpy.repeat(numpy.arange(len(counts)), counts)
    nth = numpy.arange(len(parents)) - numpy.repeat(numpy.cumsum(counts) - counts, counts)
    ids, values = pc.list_flatten(events["ids"]), pc.list_flatten(events["values"])
    events = events.select([*_TAKEN, "_block", "_log_index"]).take(pa.array(parents))
    at = pa.array(nth, pa.int64()).cast(pa.string())
    more = {
        "_id": pc.binary_join_element_wise(identified(events), at, "-"),
        "_event": which.take(pa.array(parents)),
    }
    return _rows(events, {**more, "token_id": ids, "value": values})


def renamed(events: "pa.Table") -> dict[type, object]:
    """Return the rows of new URIs."""
    return {ItemUri: rows_of(events, token="_address", token_id="id", uri="value")}


def _rows(events: "pa.Table", more: dict[str, "pa.ChunkedArray"]) -> dict[type, object]:
    import pyarrow as pa

    moves = moves_of(events, more["value"], token_id=more["token_id"])
    moves = moves.set_column(moves.column_names.index("_event"), "_event", more["_event"])
    transfers = {
        "id": more["_id"],
        "timestamp": events["_timestamp"],
        "token": events["_address"],
        "token_id": more["token_id"],
        "operator": events["operator"],
        "sender": events["from"],
        "receiver": events["to"],
        "value": more["value"],
        "transaction": events["_transaction"],
        "_event": more["_event"],
    }
    counted = {
        "id": events["_address"],
        "transfer_count": same(1, events),
        "_event": more["_event"],
    }
    return {
        Transfer: pa.table(transfers),
        Balance: both_sides(moves, "token", "token_id"),
        Item: supply(moves, "token", "token_id", counted="transfer_count"),
        Token: pa.table(counted),
    }
