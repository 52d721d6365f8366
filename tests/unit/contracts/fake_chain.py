"""A chain of code by address and an outbox that writes to it, both in memory."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from diptych.contracts.artefact import load_artefact
from diptych.contracts.create2 import FACTORY_ADDRESS, FACTORY_RUNTIME, FACTORY_TRANSACTION
from diptych.contracts.deployment import contract_address
from diptych.core.errors import JsonValue


@dataclass(frozen=True)
class FakeFees:
    base_fee_wei: int = 10
    priority_fee_wei: int = 2


@dataclass
class FakeChain:
    codes: dict[str, bytes] = field(default_factory=lambda: {FACTORY_ADDRESS: FACTORY_RUNTIME})
    chain_id: int = 7
    gas: JsonValue = "0x100"
    asked: list[tuple[str, tuple[JsonValue, ...]]] = field(default_factory=list)
    accepts_factory: bool = True

    def code(self, address: str) -> bytes:
        return self.codes.get(address, b"")

    def request(self, method: str, *params: JsonValue) -> JsonValue:
        self.asked.append((method, params))
        if method == "eth_sendRawTransaction" and self.accepts_factory:
            assert params == ("0x" + FACTORY_TRANSACTION.hex(),)
            self.codes[FACTORY_ADDRESS] = FACTORY_RUNTIME
        return self.gas

    def fees(self) -> FakeFees:
        return FakeFees()

    def balance_wei(self, address: str) -> int:
        del address
        return 10**6


@dataclass(frozen=True)
class FakeReceipt:
    transaction_hash: bytes = b"t" * 32
    gas_used: int = 500
    gas_price_wei: int = 3


@dataclass
class FakeOutbox:
    act: Callable[[], None]
    sent: list[Mapping[str, object]] = field(default_factory=list)

    def send(self, key: str, *, to: str | None, data: bytes, value_wei: int) -> FakeReceipt:
        self.sent.append({"key": key, "to": to, "data": data, "value_wei": value_wei})
        self.act()
        return FakeReceipt()


def deploying(chain: FakeChain) -> FakeOutbox:
    """Return an outbox whose transactions put the Anchor contract on the chain."""

    def act() -> None:
        chain.codes[contract_address("Anchor")] = load_artefact("Anchor").runtime

    return FakeOutbox(act)
