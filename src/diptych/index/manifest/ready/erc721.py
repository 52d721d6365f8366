"""ERC-721 tokens: transfers, owners, balances and supply (EIP-721)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from diptych.index.manifest.entity import entity
from diptych.index.manifest.kinds import Address, Count, Hash, Key, Refers, Total, Uint256
from diptych.index.manifest.manifest import Manifest
from diptych.index.manifest.ready.columns import both_sides, moves_of, rows_of, same, supply

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
    token_id: Uint256
    transaction: Hash


@entity
class Owner:
    """Whose a single token is; the zero address after it was burnt."""

    token: Annotated[Address, Key(), Refers("Token")]
    token_id: Annotated[Uint256, Key()]
    account: Address


@entity
class Balance:
    """How many tokens of a contract an account holds."""

    token: Annotated[Address, Key(), Refers("Token")]
    account: Annotated[Address, Key()]
    amount: Total


@entity
class Token:
    """A contract: how many tokens stand, and how often any moved."""

    id: Address
    supply: Total
    transfer_count: Count


def erc721(
    address: str | Sequence[str] = (), *, name: str = "erc721", start_block: int = 0
) -> Manifest:
    """Return the manifest of one or more ERC-721 contracts; of all without an address."""
    manifest = Manifest(name, entities=[Transfer, Owner, Balance, Token])
    given = (address,) if isinstance(address, str) else tuple(address)
    token = manifest.contract("Token", abi="erc721", address=given, start_block=start_block)
    manifest.on_batch(token.events.Transfer)(moved)
    return manifest


def moved(events: "pa.Table") -> dict[type, object]:
    """Return the rows of transfers."""
    moves = moves_of(events, same("1", events, "string"))
    columns = {"token": "_address", "token_id": "tokenId"}
    return {
        Transfer: rows_of(events, sender="from", receiver="to", **columns),
        Owner: rows_of(events, account="to", **columns),
        Balance: both_sides(moves, "token"),
        Token: supply(moves.append_column("id", moves["token"]), "id", counted="transfer_count"),
    }
