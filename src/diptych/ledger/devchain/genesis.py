"""What an embedded chain starts from: a random chain id, a fixed time, funded addresses."""

import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from diptych.core.clock import Clock
from diptych.core.errors import JsonValue
from diptych.ledger.devchain.errors import BadFunding, StoreCorrupt

FIRST_CHAIN_ID = 0x0D1D_0000_0000
LAST_CHAIN_ID = 0x0D1D_FFFF_FFFF
HARDFORK = "cancun"
"""What the contracts are compiled for. Prague writes every block's hash into the state (EIP-2935),
and anvil recomputes the state root from all of it: mining gets slower with each block."""

GAS_LIMIT_GAS = 60_000_000
DEFAULT_BALANCE_WEI = 1_000_000 * 10**18
_MAX_FUNDED = 1_000
_ADDRESS = re.compile(r"0x[0-9a-f]{40}")


@dataclass(frozen=True)
class ChainSpec:
    """Everything that block hashes depend on besides the transactions.

    Attributes:
        chain_id: within `FIRST_CHAIN_ID..LAST_CHAIN_ID`, random for each workspace.
        time_s: timestamp of the genesis block, seconds since the epoch.
        funded: lower-case addresses that hold `balance_wei` each; their keys stay with the user.
        balance_wei: genesis balance of each.
        hardfork: EVM rules, pinned for the life of the chain.
    """

    chain_id: int
    time_s: int
    funded: tuple[str, ...]
    balance_wei: int = DEFAULT_BALANCE_WEI
    hardfork: str = HARDFORK

    def to_json(self) -> str:
        """Return the form that the block store keeps."""
        return json.dumps(
            {
                "chain_id": self.chain_id,
                "time_s": self.time_s,
                "funded": list(self.funded),
                "balance_wei": str(self.balance_wei),
                "hardfork": self.hardfork,
            },
            sort_keys=True,
        )

    def genesis(self) -> dict[str, JsonValue]:
        """Return the geth-style genesis that anvil is initialised with."""
        return {
            "config": {"chainId": self.chain_id},
            "timestamp": hex(self.time_s),
            "gasLimit": hex(GAS_LIMIT_GAS),
            "difficulty": "0x0",
            "nonce": "0x0",
            "extraData": "0x",
            "mixHash": "0x" + "00" * 32,
            "coinbase": "0x" + "00" * 20,
            "alloc": {address: {"balance": hex(self.balance_wei)} for address in self.funded},
        }


def new_spec(
    funded: Sequence[str], *, clock: Clock, balance_wei: int = DEFAULT_BALANCE_WEI
) -> ChainSpec:
    """Draw a new chain.

    Args:
        funded: `0x` addresses, any letter case, at most 1,000.
        clock: its time becomes the genesis time.
        balance_wei: balance of each, up to 2^128.

    Raises:
        BadFunding: an address is malformed, or there are too many.
    """
    if len(funded) > _MAX_FUNDED or not 0 <= balance_wei <= 1 << 128:
        raise BadFunding(f"got {len(funded)} addresses, expected at most {_MAX_FUNDED}")
    addresses = tuple(dict.fromkeys(address.lower() for address in funded))
    for address in addresses:
        if not _ADDRESS.fullmatch(address):
            raise BadFunding(f"got '{address[:60]}', expected 0x and 40 hex digits")
    chain_id = FIRST_CHAIN_ID + secrets.randbelow(LAST_CHAIN_ID - FIRST_CHAIN_ID + 1)
    return ChainSpec(chain_id, int(clock()), addresses, balance_wei)


def parse_spec(text: str) -> ChainSpec:
    """Read what `ChainSpec.to_json` wrote.

    Raises:
        StoreCorrupt: it is not such a text.
    """
    try:
        fields = json.loads(text)
        spec = ChainSpec(
            chain_id=int(fields["chain_id"]),
            time_s=int(fields["time_s"]),
            funded=tuple(str(address) for address in fields["funded"]),
            balance_wei=int(fields["balance_wei"]),
            hardfork=str(fields["hardfork"]),
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise StoreCorrupt(f"the chain's genesis cannot be read: {error!r}") from error
    if not FIRST_CHAIN_ID <= spec.chain_id <= LAST_CHAIN_ID:
        raise StoreCorrupt(f"got chain id {spec.chain_id:#x}, expected one of an embedded chain")
    return spec
