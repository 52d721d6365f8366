"""Gas of owning assets on chain, beside an ERC-721 registry with a URI per token.

Usage: python benchmarks/bench_registry.py [--quick] [--json FILE]. Whole transactions on a
throwaway anvil; gas does not depend on the machine. The peer is OpenZeppelin's ERC721URIStorage
from npm with a 64-character URI, what most registries of models and agents (ERC-8004's among them)
are built on. Published figures that were not run here stand in `more`: Ocean's publish 1,508,356
gas, ERC-8004's register 178,000 to 195,000.
"""

import secrets
import sys
import tempfile
from pathlib import Path

from eth_abi.abi import encode
from eth_hash.auto import keccak

from diptych.contracts import deploy, find_compiler
from diptych.contracts.bindings.asset_tokens import encode_publish, encode_publish_many
from diptych.contracts.bindings.identity import encode_register_with_agent_uri
from diptych.contracts.bindings.registry import encode_register, encode_register_many
from diptych.ledger import Chain, LocalAccount, Outbox, Rpc
from diptych.ledger.devchain.throwaway import DEV_KEYS, throwaway_node
from diptych.models.ownership.rules import asset_id
from harness import Row, arguments, peer_node, report, row

BATCH = 50
URI = "ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbz"
PACKAGE, VERSION = "@openzeppelin/contracts", "5.4.0"
PEER = f"ERC721URIStorage {VERSION}"
PUBLISHED = {"Ocean publish": 1_508_356, "ERC-8004 register": "178,000 to 195,000", "run": False}
SOURCE = """// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;
import {ERC721URIStorage, ERC721} from
    "@openzeppelin/contracts/token/ERC721/extensions/ERC721URIStorage.sol";
contract Peer is ERC721URIStorage {
    uint256 private _next;
    constructor() ERC721("Peer", "PEER") {}
    function register(string calldata uri) external returns (uint256 id) {
        id = _next++;
        _mint(msg.sender, id);
        _setTokenURI(id, uri);
    }
    function update(uint256 id, string calldata uri) external {
        require(ownerOf(id) == msg.sender);
        _setTokenURI(id, uri);
    }
}
"""


class Bench:
    """One chain and two accounts that send."""

    def __init__(self, chain: Chain, folder: Path) -> None:
        accounts = [LocalAccount(bytes.fromhex(key[2:])) for key in DEV_KEYS[:2]]
        self.address = accounts[0].address
        self.boxes = [
            Outbox.open(folder / f"{number}.sqlite", chain, account)
            for number, account in enumerate(accounts)
        ]
        self.registry = deploy("Registry", chain, self.boxes[0]).address
        self.identity = deploy("Identity", chain, self.boxes[0]).address

    def gas(self, to: str, data: bytes, *, sender: int = 0) -> int:
        """Have one transaction mined; return its gas."""
        return self.boxes[sender].send(secrets.token_hex(8), to=to, data=data).gas_used


def our_gas(bench: Bench) -> dict[str, int]:
    """Return the gas of each operation of Registry and Identity."""
    salt, digest, terms = (secrets.token_bytes(32) for _ in range(3))
    gas = {"first": bench.gas(bench.registry, encode_register(2, salt, digest, terms))}
    again = encode_register(2, secrets.token_bytes(32), digest, terms)
    gas["first, owner has others"] = bench.gas(bench.registry, again)
    asset = asset_id(bench.address, 2, salt)
    for name in ("second", "later"):
        data = encode_publish(asset, secrets.token_bytes(32), terms)
        gas[name] = bench.gas(bench.registry, data)
    salts = [secrets.token_bytes(32) for _ in range(BATCH)]
    digests = [secrets.token_bytes(32) for _ in range(BATCH)]
    each = [terms] * BATCH
    registered = bench.gas(bench.registry, encode_register_many(1, salts, digests, each))
    ids = [asset_id(bench.address, 1, one) for one in salts]
    published = bench.gas(bench.registry, encode_publish_many(ids, digests, each))
    gas["batch of first"], gas["batch of further"] = registered // BATCH, published // BATCH
    bench.gas(bench.identity, encode_register_with_agent_uri(URI))
    gas["agent"] = bench.gas(bench.identity, encode_register_with_agent_uri(URI), sender=1)
    return gas


def peer_gas(bench: Bench) -> dict[str, int]:
    """Compile and deploy the peer with our settings; return the gas of registering and updating."""
    folder = peer_node("openzeppelin", f"{PACKAGE}@{VERSION}") / "node_modules"
    sources = {"src/Peer.sol": SOURCE}
    waiting = ["@openzeppelin/contracts/token/ERC721/extensions/ERC721URIStorage.sol"]
    while waiting:
        unit = waiting.pop()
        if unit not in sources:
            sources[unit] = (folder / unit).read_text()
            waiting += _imports(unit, sources[unit])
    output = find_compiler().compile(
        {
            "language": "Solidity",
            "settings": {
                "evmVersion": "cancun",
                "optimizer": {"enabled": True, "runs": 200},
                "outputSelection": {"*": {"*": ["evm.bytecode.object"]}},
                "viaIR": True,
            },
            "sources": {unit: {"content": text} for unit, text in sources.items()},
        }
    )
    code = output["contracts"]["src/Peer.sol"]["Peer"]["evm"]["bytecode"]["object"]  # type: ignore[index,call-overload]
    receipt = bench.boxes[0].send("peer", to=None, data=bytes.fromhex(str(code)))
    address = receipt.contract_address
    if address is None:
        raise RuntimeError("the peer was not created")
    register = keccak(b"register(string)")[:4] + encode(["string"], [URI])
    bench.gas(address, register)
    gas = {"register": bench.gas(address, register, sender=1)}
    update = keccak(b"update(uint256,string)")[:4]
    changed = encode(["uint256", "string"], [0, URI[::-1]])
    return gas | {"update": bench.gas(address, update + changed)}


def _imports(unit: str, text: str) -> list[str]:
    import posixpath
    import re

    found = re.findall(r'^import [^;]*?"([^"]+)";', text, re.MULTILINE)
    return [posixpath.normpath(f"{unit}/../{one}") if one[0] == "." else one for one in found]


def rows(ours: dict[str, int], peer: dict[str, int]) -> list[Row]:
    """Judge the figures."""
    return [
        row("register, first version", ours["first"], "gas", at_most=120_000, more=PUBLISHED),
        row(
            "the same, against a token with a URI",
            ours["first"],
            "gas",
            peer=peer["register"],
            peer_name=PEER,
        ),
        row("publish, second version", ours["second"], "gas", at_most=60_000),
        row("publish, any later version", ours["later"], "gas", at_most=60_000),
        row(
            "the same, against a changed URI",
            ours["later"],
            "gas",
            peer=peer["update"],
            peer_name=PEER,
        ),
        row(f"first version in a batch of {BATCH}", ours["batch of first"], "gas", at_most=40_000),
        row(
            f"second version in a batch of {BATCH}", ours["batch of further"], "gas", at_most=40_000
        ),
        row("register, owner has others", ours["first, owner has others"], "gas"),
        row("ERC-8004 register with a URI of 64 characters", ours["agent"], "gas", more=PUBLISHED),
    ]


def main() -> int:
    """Measure on one throwaway chain."""
    asked = arguments(__doc__)
    with throwaway_node() as url, tempfile.TemporaryDirectory() as folder:
        bench = Bench(Chain(Rpc(url)), Path(folder))
        return report("registry", rows(our_gas(bench), peer_gas(bench)), asked)


if __name__ == "__main__":
    sys.exit(main())
