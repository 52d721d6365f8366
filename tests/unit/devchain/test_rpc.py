"""What the door lets in: an allow-list, strict JSON, limits."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diptych.core.errors import JsonValue
from diptych.ledger.devchain import rpc
from diptych.ledger.devchain.errors import BadRequest, MethodRefused, NodeRefused, StoreFailed
from diptych.ledger.devchain.rpc import Call, Refusal, parse_body


def body(**fields: Any) -> bytes:
    return json.dumps(
        {"jsonrpc": "2.0", "id": 1, "method": "eth_call", "params": []} | fields
    ).encode()


@pytest.mark.parametrize("method", ["eth_call", "eth_getProof", "debug_traceCall", "diptych_mine"])
def test_offered_methods_pass(method: str) -> None:
    assert parse_body(body(method=method)) == Call(1, method, [])


@pytest.mark.parametrize(
    "method",
    [
        *("anvil_setBalance", "anvil_mine", "anvil_reset", "evm_mine", "evm_snapshot"),
        *("evm_revert", "evm_increaseTime", "hardhat_setCode", "hardhat_impersonateAccount"),
        *("personal_sign", "personal_unlockAccount", "miner_start", "admin_addPeer"),
        *("eth_sendTransaction", "eth_sendUnsignedTransaction", "eth_sign"),
        *("eth_signTransaction", "eth_signTypedData_v4", "eth_subscribe", "eth_unsubscribe"),
        *("wallet_sendCalls", "tenderly_setBalance", "eth_CALL", "eth_call\0", "eth_call ", ""),
    ],
)
def test_everything_else_is_refused(method: str) -> None:
    answer = parse_body(body(method=method))
    assert isinstance(answer, Refusal)
    assert isinstance(answer.error, MethodRefused)
    assert json.loads(rpc.error_answer(1, answer.error))["error"]["code"] == -32601


def test_no_method_that_changes_anvil_is_on_the_list() -> None:
    families = ("anvil_", "evm_", "hardhat_", "personal_", "miner_", "admin_", "tenderly_", "ots_")
    assert not [m for m in rpc.READS if m.startswith(families) or "send" in m or "sign" in m]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"\xff",
        b"nonsense",
        b"[]",
        b'{"id":1,"id":2}',
        b'{"id":NaN}',
        b"[" * 100_000,
        b"[" * 40 + b"]" * 40,
        b"{}" * 2,
        b'{"id":' + b"9" * 5000 + b"}",
        b" " * (rpc.MAX_BODY_BYTES + 1),
        b"[" + b",".join([body()] * (rpc.MAX_BATCH + 1)) + b"]",
    ],
)
def test_bodies_that_are_no_request_are_refused(raw: bytes) -> None:
    with pytest.raises(BadRequest):
        parse_body(raw)


@pytest.mark.parametrize(
    "fields",
    [
        {"id": None},
        {"id": True},
        {"id": [1]},
        {"id": "x" * 129},
        {"jsonrpc": "1.0"},
        {"method": 7},
        {"method": None},
        {"params": {}},
        {"params": "x"},
    ],
)
def test_malformed_requests_are_answered_one_by_one(fields: dict[str, Any]) -> None:
    answers = parse_body(b"[" + body(**fields) + b"," + body() + b",7]")
    assert isinstance(answers, list)
    assert [type(answer) for answer in answers] == [Refusal, Call, Refusal]


@given(st.binary(max_size=200))
def test_any_bytes_are_parsed_or_refused(raw: bytes) -> None:
    with contextlib.suppress(BadRequest):
        parse_body(raw)


@pytest.mark.parametrize(
    "params", [[], [1], ["0x"], ["00"], ["0x0"], ["0xzz"], [None], ["0x" + "00" * ((1 << 20) + 1)]]
)
def test_unusable_transactions_are_refused(params: list[Any]) -> None:
    with pytest.raises(BadRequest):
        rpc.raw_transaction(Call(1, rpc.SEND, params))


def test_a_transaction_is_read_from_hex() -> None:
    assert rpc.raw_transaction(Call(1, rpc.SEND, ["0x02fF"])) == b"\x02\xff"


@pytest.mark.parametrize("count", [0, -1, 1_001, True, "1", 1.5, None])
def test_block_counts_are_checked(count: Any) -> None:
    with pytest.raises(BadRequest):
        rpc.block_count(Call(1, rpc.MINE, [count]))
    assert rpc.block_count(Call(1, rpc.MINE, [])) == 1


def test_errors_carry_code_and_hint_and_pass_the_nodes_own_through() -> None:
    ours = json.loads(rpc.error_answer(5, StoreFailed("no", hint="do")))
    assert ours["id"] == 5
    assert ours["error"]["data"] == {"code": "Chain.StoreFailed", "hint": "do"}
    error: JsonValue = {"code": 3, "message": "execution reverted", "data": "0x08c379a0"}
    assert json.loads(rpc.error_answer("a", NodeRefused("x", error=error)))["error"] == error
