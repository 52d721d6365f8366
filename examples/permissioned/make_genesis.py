"""Print the genesis of a Besu QBFT network without fees, for the validators given as addresses.

python examples/permissioned/make_genesis.py --owner 0x… 0xVALIDATOR 0xVALIDATOR …
"""

import argparse
import json

from diptych.ledger.address import BadAddress, read_address
from diptych_verify.rlp import rlp_encode

CHAIN_ID = 8_642_019
# "ctical byzantine fault tolerance": how Besu knows a block of IBFT 2.0 and QBFT.
MIX_HASH = "0x63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365"
# Anchoring needs nothing; other programs ask for a balance even where gas costs nothing.
BALANCE_WEI = 10**21


def extra_data(validators: list[bytes]) -> bytes:
    """Return RLP of vanity, validators, no vote, round 0 and no seals."""
    return rlp_encode([bytes(32), sorted(validators), [], b"", []])


def genesis(validators: list[bytes], owner: bytes) -> dict[str, object]:
    """Return the genesis file; every fork that the contracts need is active from block 0."""
    return {
        "config": {
            "chainId": CHAIN_ID,
            "berlinBlock": 0,
            "londonBlock": 0,
            "shanghaiTime": 0,
            "cancunTime": 0,
            "zeroBaseFee": True,
            "qbft": {"blockperiodseconds": 2, "epochlength": 30_000, "requesttimeoutseconds": 4},
        },
        "nonce": "0x0",
        "timestamp": "0x0",
        "gasLimit": "0x1c9c380",
        "baseFeePerGas": "0x0",
        "difficulty": "0x1",
        "mixHash": MIX_HASH,
        "coinbase": "0x" + 40 * "0",
        "alloc": {owner.hex(): {"balance": hex(BALANCE_WEI)}},
        "extraData": "0x" + extra_data(validators).hex(),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--owner", required=True, help="address that gets a balance")
    parser.add_argument("validators", nargs="+", help="addresses, at least four")
    given = parser.parse_args()
    try:
        made = genesis([read_address(one) for one in given.validators], read_address(given.owner))
    except BadAddress as error:
        parser.error(str(error))
    print(json.dumps(made, indent=2))
