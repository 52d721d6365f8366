"""One throwaway node per module, with the Anchor contract on it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from diptych.contracts.artefact import known_abis
from diptych.contracts.deployment import deploy
from diptych.core.errors import JsonValue, LedgerError
from diptych.ledger.account import LocalAccount
from diptych.ledger.answers import RpcCall, RpcResult
from diptych.ledger.chain import Chain
from diptych.ledger.devchain.throwaway import DEV_KEYS, throwaway_node
from diptych.ledger.errors import Reverted
from diptych.ledger.outbox import Outbox
from diptych.ledger.records import CallRequest
from diptych.ledger.reverts import RevertDecoder
from diptych.ledger.rpc import Rpc

ACCOUNTS = tuple(LocalAccount(bytes.fromhex(key[2:])) for key in DEV_KEYS)


@dataclass
class Stage:
    """A node with the contract.

    `Outbox` needs a file; the rest talks to anvil's unlocked accounts, which is quicker.
    """

    chain: Chain
    contract: str
    reverts: RevertDecoder

    def outbox(self, folder: Path, account: LocalAccount = ACCOUNTS[0]) -> Outbox:
        return Outbox.open(folder / "outbox.sqlite", self.chain, account, reverts=self.reverts)

    def call(self, data: bytes, sender: str = ACCOUNTS[0].address) -> bytes:
        """Try a call; raises `Reverted` with the contract's own rule."""
        try:
            return self.chain.call(CallRequest(self.contract, data, sender))
        except Reverted as error:
            raise self.reverts.explain(error) from error

    def calls(self, batch: list[bytes]) -> list[bytes | LedgerError]:
        """Try many calls at once; a refusal stands where the answer would be."""
        requests = [
            RpcCall("eth_call", [{"to": self.contract, "data": "0x" + data.hex()}, "latest"])
            for data in batch
        ]
        return [self._named(result) for result in self.chain.batch(requests)]

    def _named(self, result: RpcResult) -> bytes | LedgerError:
        if isinstance(result, Reverted):
            return self.reverts.explain(result)
        if isinstance(result, LedgerError):
            return result
        return bytes.fromhex(str(result)[2:])

    def send(self, data: bytes, sender: str, time_s: int) -> None:
        """Have a transaction mined in a block of its own with this timestamp."""
        self.chain.request("evm_setNextBlockTimestamp", time_s)
        transaction: JsonValue = {"from": sender, "to": self.contract, "data": "0x" + data.hex()}
        self.chain.request("eth_sendTransaction", transaction)
        self.chain.request("evm_mine")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with throwaway_node() as url:
        chain = Chain(Rpc(url))
        reverts = RevertDecoder(known_abis())
        folder = tmp_path_factory.mktemp("deployer")
        outbox = Outbox.open(folder / "outbox.sqlite", chain, ACCOUNTS[3], reverts=reverts)
        try:
            yield Stage(chain, deploy("Anchor", chain, outbox).address, reverts)
        finally:
            outbox.close()
