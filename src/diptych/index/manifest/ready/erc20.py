"""ERC-20 tokens: transfers, balances, holders and supply (EIP-20)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from diptych.index.manifest.entity import entity
from diptych.index.manifest.kinds import Address, Count, Hash, Key, Total, Uint256
from diptych.index.manifest.manifest import Manifest

if TYPE_CHECKING:
    import pyarrow as pa

_NOBODY = "0x" + "0" * 40


@entity(immutable=True)
class Transfer:
    """One transfer; from or to the zero address it is a mint or a burn."""

    id: str
    timestamp: int
    token: Address
    sender: Address
    receiver: Address
    value: Uint256
    transaction: Hash


@entity
class Balance:
    """What an account holds; holders are the rows with an amount above 0."""

    token: Annotated[Address, Key()]
    account: Annotated[Address, Key()]
    amount: Total


@entity
class Token:
    """A token: what was minted less what was burnt, and how often it moved."""

    id: Address
    supply: Total
    transfers: Count


def erc20(
    address: str | Sequence[str] = (), *, name: str = "erc20", start_block: int = 0
) -> Manifest:
    """Return the manifest of one or more ERC-20 tokens; of all without an address.

    >>> sorted(erc20("0x" + "ab" * 20).entities)
    ['Balance', 'Token', 'Transfer']
    """
    manifest = Manifest(name, entities=[Transfer, Balance, Token])
    given = (address,) if isinstance(address, str) else tuple(address)
    token = manifest.contract("Token", abi="erc20", address=given, start_block=start_block)
    manifest.on_batch(token.events.Transfer)(moved)
    return manifest


def moved(events: "pa.Table") -> dict[type, object]:
    """Return the rows of transfers."""
    return {Transfer: _transfers(events), Balance: _balances(events), Token: _tokens(events)}


def _transfers(events: "pa.Table") -> "pa.Table":
    import pyarrow as pa
    import pyarrow.compute as pc

    text = pa.string()
    ids = pc.binary_join_element_wise(
        events["_block"].cast(text), events["_log_index"].cast(text), "-"
    )
    return pa.table(
        {
            "id": ids,
            "timestamp": events["_timestamp"],
            "token": events["_address"],
            "sender": events["from"],
            "receiver": events["to"],
            "value": events["value"],
            "transaction": events["_transaction"],
        }
    )


def _balances(events: "pa.Table") -> "pa.Table":
    """Return what each side lost or won; the zero address has no balance."""
    import pyarrow as pa
    import pyarrow.compute as pc

    places = pa.array(range(events.num_rows), pa.int64())
    sides = (("from", _negative(events["value"])), ("to", events["value"]))
    return pa.concat_tables(
        pa.table(
            {
                "token": events["_address"],
                "account": events[side],
                "amount": amount,
                "_event": places,
            }
        ).filter(pc.not_equal(events[side], _NOBODY))
        for side, amount in sides
    )


def _tokens(events: "pa.Table") -> "pa.Table":
    """Return what was minted and burnt, and one transfer each."""
    import pyarrow as pa
    import pyarrow.compute as pc

    places = pa.array(range(events.num_rows), pa.int64())
    minted = pc.if_else(pc.equal(events["from"], _NOBODY), events["value"], "0")
    burnt = pc.if_else(pc.equal(events["to"], _NOBODY), _negative(events["value"]), "0")
    return pa.concat_tables(
        pa.table(
            {
                "id": events["_address"],
                "supply": amount,
                "transfers": pa.repeat(pa.scalar(count, pa.int64()), events.num_rows),
                "_event": places,
            }
        )
        for amount, count in ((minted, 1), (burnt, 0))
    )


def _negative(amounts: "pa.ChunkedArray") -> "pa.ChunkedArray":
    import pyarrow.compute as pc

    return pc.if_else(pc.equal(amounts, "0"), "0", pc.binary_join_element_wise("-", amounts, ""))
