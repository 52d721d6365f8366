"""What the doctor finds: each ailment once, beside the healthy chain."""

from typing import Any

import pytest
from tests.unit.ledger.fake_node import FakeNode
from tests.unit.ledger.test_chain_reads import Scripted

from diptych.ledger.chain import Chain
from diptych.ledger.doctor import DoctorCheck, DoctorQuestions, Outcome, examine
from diptych.ledger.hard_fork import PROBES
from diptych.ledger.rpc import Rpc

ADDRESS = "0x00000000000000000000000000000000000D1D1D"
NOW_S = 1_700_000_010.0


def healthy(**changed: Any) -> Scripted:
    node = FakeNode()
    block = node._block_json(node.blocks[0], False)

    def call(request: dict[str, str], _: str) -> str:
        for probe in PROBES:
            if request["data"] == "0x" + probe.request.data.hex():
                return "0x" + (probe.answer or b"").hex()
        raise AssertionError(request)

    answers = {
        "web3_clientVersion": "fake/1",
        "eth_syncing": False,
        "eth_blockNumber": "0x0",
        "eth_getBlockByNumber": lambda *_: block,
        "eth_getBlockByHash": lambda *_: block,
        "eth_getBlockReceipts": [],
        "eth_maxPriorityFeePerGas": "0x2",
        "eth_getBalance": hex(10**18),
        "eth_call": call,
        **changed,
    }
    return Scripted(**answers)


def found(
    transport: Scripted, *, chain_id: int = 1, now_s: float = NOW_S
) -> dict[str, DoctorCheck]:
    chain = Chain(Rpc("", transport=transport), chain_id, clock=lambda: now_s)
    questions = DoctorQuestions(ADDRESS, {"anchor": 40_000, "deploy": 10**6})
    return {check.name: check for check in examine(chain, questions, clock=lambda: now_s)}


class TestHealthy:
    def test_everything_is_answered(self) -> None:
        answers = found(healthy())
        # The fake header cannot be rebuilt, which is worth a warning.
        assert {name for name, c in answers.items() if c.outcome is not Outcome.OK} == {
            "receipt proofs"
        }
        assert {"endpoint", "sync", "hard fork", "finality", "fees", "funding"} <= set(answers)

    def test_prices_are_told(self) -> None:
        assert found(healthy())["price of anchor"].detail == "40000 gas, 0.00000000000048 ether"

    def test_nothing_is_sent(self) -> None:
        transport = healthy()
        found(transport)
        assert not [m for m, _ in transport.asked if m.startswith("eth_send")]


class TestAilments:
    def test_wrong_chain_ends_the_examination(self) -> None:
        answers = found(healthy(), chain_id=5)
        assert list(answers) == ["endpoint"]
        assert "Chain.WrongChain" in answers["endpoint"].detail

    def test_syncing(self) -> None:
        answer = found(healthy(eth_syncing={"currentBlock": "0x1"}))["sync"]
        assert answer.outcome is Outcome.FAILED

    def test_old_head(self) -> None:
        answer = found(healthy(), now_s=NOW_S + 3_600)["sync"]
        assert answer.outcome is Outcome.FAILED
        assert "Chain.Behind" in answer.detail

    def test_clock_of_this_machine(self) -> None:
        answer = found(healthy(), now_s=NOW_S - 3_600)["clock"]
        assert answer.outcome is Outcome.WARNING

    @pytest.mark.parametrize("number", range(len(PROBES)))
    def test_old_hard_fork(self, number: int) -> None:
        lacking = PROBES[number]
        honest = healthy().answers["eth_call"]

        def call(request: dict[str, str], block: str) -> Any:
            if request["data"] == "0x" + lacking.request.data.hex():
                return ValueError("invalid opcode")
            return honest(request, block)

        answer = found(healthy(eth_call=call))["hard fork"]
        assert answer.outcome is Outcome.FAILED
        assert lacking.name in answer.detail

    def test_precompile_that_answers_wrongly(self) -> None:
        answer = found(healthy(eth_call="0x"))["hard fork"]
        assert "SHA-256" in answer.detail

    def test_no_finality(self) -> None:
        block = healthy().answers["eth_getBlockByNumber"]
        answers = found(
            healthy(eth_getBlockByNumber=lambda tag, full: None if tag == "finalized" else block())
        )
        assert answers["finality"].outcome is Outcome.WARNING

    def test_empty_account(self) -> None:
        answer = found(healthy(eth_getBalance="0x0"))["funding"]
        assert answer.outcome is Outcome.FAILED
        assert ADDRESS in answer.hint

    def test_dear_gas(self) -> None:
        assert (
            found(healthy(eth_maxPriorityFeePerGas=hex(10**12)))["fees"].outcome is Outcome.FAILED
        )

    def test_lie_in_the_middle_stops_nothing(self) -> None:
        answers = found(healthy(eth_getBalance="lots"))
        assert "Chain.Malformed" in answers["funding"].detail
        assert answers["fees"].outcome is Outcome.OK
