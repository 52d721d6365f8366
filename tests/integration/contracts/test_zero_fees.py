"""A chain where gas costs nothing: an account without any balance deploys and anchors."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from diptych.contracts.artefact import known_abis
from diptych.contracts.deployment import deploy
from diptych.ledger.account import LocalAccount
from diptych.ledger.chain import Chain
from diptych.ledger.devchain.throwaway import throwaway_node
from diptych.ledger.outbox import Outbox
from diptych.ledger.reverts import RevertDecoder
from diptych.ledger.rpc import Rpc
from diptych.provenance.anchor import AnchorClient
from diptych_verify.merkle import leaf_hash
from diptych_verify.note import Checkpoint, VerifierKey

NO_FEES = ("--block-base-fee-per-gas", "0", "--gas-price", "0", "--disable-min-priority-fee")


def test_account_without_balance_anchors_where_gas_is_free(tmp_path: Path) -> None:
    account = LocalAccount(b"\x2a" * 32)
    public = Ed25519PrivateKey.from_private_bytes(b"\x2b" * 32).public_key().public_bytes_raw()
    key = VerifierKey("diptych.log/free", public)
    with throwaway_node(extra=NO_FEES) as url:
        chain = Chain(Rpc(url))
        assert chain.balance_wei(account.address) == 0
        reverts = RevertDecoder(known_abis())
        outbox = Outbox.open(tmp_path / "outbox.sqlite", chain, account, reverts=reverts)
        try:
            contract = deploy("Anchor", chain, outbox).address
            client = AnchorClient(chain, outbox, contract, key=key, owner=account.address)
            client.register_if_needed()
            receipt = client.publish(Checkpoint(key.name, 5, leaf_hash(b"root")))
            assert (receipt.cost_wei, receipt.gas_used > 0) == (0, True)
            head = client.head()
            assert head is not None
            assert head.size == 5
        finally:
            outbox.close()
