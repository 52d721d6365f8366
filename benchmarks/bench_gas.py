"""Gas of anchoring and of on-chain inclusion, beside EAS from its published bytecode.

Usage: python benchmarks/bench_gas.py [--quick] [--json FILE]. Whole transactions on a throwaway
anvil; gas does not depend on the machine. EAS 1.9.0 comes from npm, as its authors compiled it.
"""

import hashlib
import json
import secrets
import sys
import tempfile
from pathlib import Path

from eth_abi.abi import encode
from eth_hash.auto import keccak

from diptych.contracts import deploy
from diptych.contracts.bindings.anchor import (
    encode_anchor,
    encode_register,
    encode_set_publisher,
    encode_verify_inclusion,
)
from diptych.ledger import Chain, LocalAccount, Outbox, Rpc
from diptych.ledger.devchain.throwaway import DEV_KEYS, throwaway_node
from diptych.ledger.records import Receipt
from diptych.provenance.anchor_rules import derive_log_id
from diptych_verify.merkle import leaf_hash, node_hash
from harness import Row, arguments, peer_node, report, row

EAS_PACKAGE = "@ethereum-attestation-service/eas-contracts"
EAS_VERSION = "1.9.0"
DEPTH = 20


class Bench:
    """Two contracts on one chain, and an account that sends."""

    def __init__(self, chain: Chain, folder: Path) -> None:
        self._chain = chain
        self._boxes = [
            Outbox.open(folder / f"{number}.sqlite", chain, LocalAccount(bytes.fromhex(key[2:])))
            for number, key in enumerate(DEV_KEYS[:2])
        ]
        self.owner, self.other = (
            LocalAccount(bytes.fromhex(key[2:])).address for key in DEV_KEYS[:2]
        )
        self.deployment = deploy("Anchor", chain, self._boxes[0])

    def send(self, to: str | None, data: bytes, *, sender: int = 0) -> Receipt:
        """Have one transaction mined."""
        return self._boxes[sender].send(secrets.token_hex(8), to=to, data=data)

    def anchor(self, data: bytes, *, sender: int = 0) -> int:
        """Call our contract; return the gas of the whole transaction."""
        return self.send(self.deployment.address, data, sender=sender).gas_used


def path_to(leaf: bytes, depth: int) -> tuple[list[bytes], bytes]:
    """Return an inclusion path of the left-most of 2^depth leaves, and the root."""
    proof, node = [], leaf
    for _ in range(depth):
        proof.append(secrets.token_bytes(32))
        node = node_hash(node, proof[-1])
    return proof, node


def our_gas(bench: Bench) -> dict[str, int]:
    """Return the gas of each operation of the Anchor contract."""
    salt = hashlib.sha256(b"bench").digest()
    log_id = derive_log_id(bench.owner, salt)
    gas = {"deploy": bench.deployment.gas_used, "register": bench.anchor(encode_register(salt))}
    gas["first"] = bench.anchor(encode_anchor(log_id, 1_000, secrets.token_bytes(32)))
    gas["steady"] = max(
        bench.anchor(encode_anchor(log_id, 2**32 + number * 7, secrets.token_bytes(32)))
        for number in range(10)
    )
    bench.anchor(encode_set_publisher(log_id, bench.other, True))
    publish = encode_anchor(log_id, 2**33, secrets.token_bytes(32))
    gas["publisher"] = bench.anchor(publish, sender=1)
    leaf = leaf_hash(b"deep")
    proof, root = path_to(leaf, DEPTH)
    second = hashlib.sha256(b"second log").digest()
    deep_id = derive_log_id(bench.owner, second)
    bench.anchor(encode_register(second))
    bench.anchor(encode_anchor(deep_id, 2**DEPTH, root))
    gas["inclusion"] = bench.anchor(encode_verify_inclusion(deep_id, leaf, 0, proof))
    return gas


def eas_gas(bench: Bench) -> dict[str, int]:
    """Deploy the published EAS bytecode and return the gas of a timestamp and an attestation."""
    folder = peer_node("eas", f"{EAS_PACKAGE}@{EAS_VERSION}")
    artifacts = folder / "node_modules" / EAS_PACKAGE / "artifacts" / "contracts"

    def create(name: str, arguments: bytes = b"") -> str:
        artifact = json.loads((artifacts / f"{name}.sol" / f"{name}.json").read_bytes())
        receipt = bench.send(None, bytes.fromhex(artifact["bytecode"][2:]) + arguments)
        if receipt.contract_address is None:
            raise RuntimeError(f"{name} was not created")
        return receipt.contract_address

    registry = create("SchemaRegistry")
    eas = create("EAS", encode(["address"], [registry]))
    call = keccak(b"timestamp(bytes32)")[:4]
    stamp = max(bench.send(eas, call + secrets.token_bytes(32)).gas_used for _ in range(10))
    schema, zero = "bytes32 root,uint48 size,bytes32 logId", "0x" + "00" * 20
    register = keccak(b"register(string,address,bool)")[:4]
    receipt = bench.send(
        registry, register + encode(["string", "address", "bool"], [schema, zero, True])
    )
    uid = receipt.logs[0].topics[1]
    request = "(bytes32,(address,uint64,bool,bytes32,bytes,uint256))"
    attest = keccak(f"attest({request})".encode())[:4]
    body = encode(["bytes32", "uint48", "bytes32"], [secrets.token_bytes(32), 10**6, uid])
    data = attest + encode([request], [(uid, (zero, 0, True, bytes(32), body, 0))])
    return {"timestamp": stamp, "attest": bench.send(eas, data).gas_used}


def rows(ours: dict[str, int], eas: dict[str, int]) -> list[Row]:
    """Judge the figures."""
    peer = f"EAS {EAS_VERSION} timestamp"
    return [
        row("anchor, steady (worst of 10)", ours["steady"], "gas", at_most=40_000),
        row(
            "anchor, steady, against a time-stamp",
            ours["steady"],
            "gas",
            peer=eas["timestamp"],
            peer_name=peer,
            at_most=1.0,
        ),
        row(
            "anchor, steady, against an attestation",
            ours["steady"],
            "gas",
            peer=eas["attest"],
            peer_name=f"EAS {EAS_VERSION} attest",
        ),
        row(
            f"on-chain inclusion, depth {DEPTH}, whole transaction",
            ours["inclusion"],
            "gas",
            at_most=55_000,
        ),
        row("anchor by an allowed publisher", ours["publisher"], "gas", at_most=40_000),
        row("anchor, first of a log", ours["first"], "gas"),
        row("register a log", ours["register"], "gas"),
        row("deploy through the factory", ours["deploy"], "gas"),
    ]


def main() -> int:
    """Measure on one throwaway chain."""
    asked = arguments(__doc__)
    with throwaway_node() as url, tempfile.TemporaryDirectory() as folder:
        bench = Bench(Chain(Rpc(url)), Path(folder))
        return report("gas", rows(our_gas(bench), eas_gas(bench)), asked)


if __name__ == "__main__":
    sys.exit(main())
