"""What would happen, told alike by each method of a real node, and by the what-if machine."""

import json
from collections.abc import Iterator

import pytest
from eth_abi.abi import encode

from diptych.core.missing import MissingExtra
from diptych.ledger.account import LocalAccount
from diptych.ledger.chain import Chain
from diptych.ledger.check_contract import ABI, INIT_CODE, NOTED_TOPIC
from diptych.ledger.devchain.throwaway import DEV_KEYS, throwaway_node
from diptych.ledger.records import CallRequest
from diptych.ledger.reverts import RevertDecoder
from diptych.ledger.rpc import Rpc
from diptych.ledger.simulate import Transfer, simulate
from diptych.ledger.transaction import Transaction, create_address
from diptych.ledger.transport import HttpAnswer, HttpTransport
from diptych.ledger.whatif import AccountState, WhatIf

ACCOUNT = LocalAccount(bytes.fromhex(DEV_KEYS[0][2:]))
DECODER = RevertDecoder({"Checks": ABI})
WORD = (42).to_bytes(32, "big")
OTHER = "0x00000000000000000000000000000000000D1D1D"

pytestmark = pytest.mark.node


class Without(HttpTransport):
    """An endpoint that does not offer some methods."""

    missing: tuple[str, ...] = ()

    def post(self, body: bytes) -> HttpAnswer:
        request = json.loads(body)
        if request["method"] in self.missing:
            error = {"code": -32601, "message": "the method does not exist"}
            answer = {"jsonrpc": "2.0", "id": request["id"], "error": error}
            return HttpAnswer(200, json.dumps(answer).encode())
        return super().post(body)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with throwaway_node() as running:
        chain = Chain(Rpc(running))
        deployment = Transaction(31_337, 0, 10**9, 10**11, gas_limit=500_000, data=INIT_CODE)
        hash_ = chain.send_raw(ACCOUNT.sign_transaction(deployment))
        while chain.receipt(hash_) is None:
            pass
        yield running


CONTRACT = create_address(ACCOUNT.address, 0)
METHODS = ["eth_simulateV1", "debug_traceCall", "eth_call"]


@pytest.fixture(params=range(3), ids=METHODS)
def chain(url: str, request: pytest.FixtureRequest) -> tuple[Chain, str]:
    transport = Without(url)
    transport.missing = tuple(METHODS[: request.param])
    return Chain(Rpc("", transport=transport)), METHODS[request.param]


class TestSimulate:
    def test_success(self, chain: tuple[Chain, str]) -> None:
        told = simulate(chain[0], CallRequest(CONTRACT, WORD, ACCOUNT.address))
        assert (told.succeeded, told.reverted, told.return_data) == (True, None, WORD)
        assert told.method == chain[1]
        assert told.gas_used is not None
        assert 21_000 < told.gas_used < 30_000
        if told.logs is not None:
            assert [(e.address, e.topics, e.data) for e in told.logs] == [
                (CONTRACT, (NOTED_TOPIC,), WORD)
            ]

    def test_refusal_is_named(self, chain: tuple[Chain, str]) -> None:
        request = CallRequest(CONTRACT, b"", ACCOUNT.address)
        told = simulate(chain[0], request, reverts=DECODER)
        assert not told.succeeded
        assert told.reverted is not None
        assert told.reverted.code == "Checks.Refused"
        assert told.reverted.details["arguments"] == {"number": "7"}

    def test_native_transfer(self, chain: tuple[Chain, str]) -> None:
        told = simulate(chain[0], CallRequest(OTHER, b"", ACCOUNT.address, value_wei=5))
        assert told.succeeded
        if chain[1] == "eth_call":
            assert told.transfers is None
        else:
            assert told.transfers == (Transfer(None, ACCOUNT.address, OTHER, 5),)

    def test_creation(self, chain: tuple[Chain, str]) -> None:
        told = simulate(chain[0], CallRequest(None, INIT_CODE, ACCOUNT.address))
        assert told.succeeded
        assert told.return_data == INIT_CODE[-len(told.return_data) :]

    def test_invalid_code_fails_without_reason(self, chain: tuple[Chain, str]) -> None:
        told = simulate(chain[0], CallRequest(None, b"\xfe", ACCOUNT.address))
        assert not told.succeeded


class TestWhatIf:
    RUNTIME = INIT_CODE[12:]

    def _machine(self) -> WhatIf:
        accounts = {
            ACCOUNT.address: AccountState(balance_wei=100),
            CONTRACT: AccountState(code=self.RUNTIME),
        }
        return WhatIf(accounts, reverts=DECODER)

    def test_success_changes_the_state(self) -> None:
        machine = self._machine()
        told = machine.call(CallRequest(CONTRACT, WORD, ACCOUNT.address, value_wei=5))
        assert (told.succeeded, told.return_data) == (True, WORD)
        assert told.logs is not None
        assert [(e.topics, e.data) for e in told.logs] == [((NOTED_TOPIC,), WORD)]
        assert (machine.balance_wei(ACCOUNT.address), machine.balance_wei(CONTRACT)) == (95, 5)

    def test_refusal_changes_nothing(self) -> None:
        machine = self._machine()
        told = machine.call(CallRequest(CONTRACT, b"", ACCOUNT.address, value_wei=5))
        assert told.reverted is not None
        assert told.reverted.code == "Checks.Refused"
        assert machine.balance_wei(ACCOUNT.address) == 100
        assert machine.call(CallRequest(CONTRACT, WORD, ACCOUNT.address)).succeeded

    def test_invented_storage_is_read(self) -> None:
        # SLOAD(3); MSTORE(0, .); RETURN(0, 32)
        code = bytes.fromhex("60035460005260206000f3")
        machine = WhatIf({CONTRACT: AccountState(code=code, storage={3: 77})})
        told = machine.call(CallRequest(CONTRACT))
        assert told.return_data == encode(["uint256"], [77])

    def test_missing_package_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(__import__("sys").modules, "pyrevm", None)
        with pytest.raises(MissingExtra) as caught:
            WhatIf({})
        assert caught.value.hint == "pip install 'diptych[whatif]'"
