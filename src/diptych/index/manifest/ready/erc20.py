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
    import pyarrow as pa
    import pyarrow.compute as pc

    ids = pc.binary_join_element_wise(
        events["_block"].cast(pa.string()), events["_log_index"].cast(pa.string()), "-"
    )
    transfers = pa.table(
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
    places = pa.array(range(events.num_rows), pa.int64())
    taken = pc.not_equal(events["from"], _NOBODY)
    given = pc.not_equal(events["to"], _NOBODY)
    lost, won = _negative(events["value"]), events["value"]
    parts = [
        (events["from"], lost, taken),
        (events["to"], won, given),
    ]
    balances = pa.concat_tables(
        pa.table(
            {
                "token": events["_address"],
                "account": account,
                "amount": amount,
                "_event": places,
            }
        ).filter(mask)
        for account, amount, mask in parts
    )
    minted = pc.if_else(taken, "0", won)
    burnt = pc.if_else(given, "0", lost)
    tokens = pa.concat_tables(
        pa.table({"id": events["_address"], "supply": amount, "transfers": count, "_event": places})
        for amount, count in ((minted, _all(1, events)), (burnt, _all(0, events)))
    )
    return {Transfer: transfers, Balance: balances, Token: tokens}


def _negative(amounts: "pa.ChunkedArray") -> "pa.ChunkedArray":
    import pyarrow.compute as pc

    return pc.if_else(pc.equal(amounts, "0"), "0", pc.binary_join_element_wise("-", amounts, ""))


def _all(number: int, events: "pa.Table") -> "pa.Array":
    import pyarrow as pa

    return pa.repeat(pa.scalar(number, pa.int64()), events.num_rows)
