"""ERC-20 tokens: transfers, balances, holders and supply (EIP-20)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from diptych.index.manifest.entity import entity
from diptych.index.manifest.kinds import Address, Count, Hash, Key, Refers, Total, Uint256
from diptych.index.manifest.manifest import Manifest
from diptych.index.manifest.ready.columns import both_sides, moves_of, rows_of, supply

if TYPE_CHECKING:
    import pyarrow as pa


@entity(immutable=True)
class Transfer:
    """One transfer; from or to the zero address it is a mint or a burn."""

    id: str
    timestamp: int
    token: Annotated[Address, Refers("Token")]
    sender: Address
    receiver: Address
    value: Uint256
    transaction: Hash


@entity
class Balance:
    """What an account holds; holders are the rows with an amount above 0."""

    token: Annotated[Address, Key(), Refers("Token")]
    account: Annotated[Address, Key()]
    amount: Total


@entity
class Token:
    """A token: what was minted less what was burnt, and how often it moved."""

    id: Address
    supply: Total
    transfer_count: Count


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
    moves = moves_of(events, events["value"])
    return {
        Transfer: rows_of(events, token="_address", sender="from", receiver="to", value="value"),
        Balance: both_sides(moves, "token"),
        Token: supply(moves.append_column("id", moves["token"]), "id", counted="transfer_count"),
    }
