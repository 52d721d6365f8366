"""Typed reads: ranges split, foreign answers refused, fallbacks where a method is missing."""

import json
from typing import Any

import pytest
from tests.unit.ledger.conftest import chain_of
from tests.unit.ledger.fake_node import FakeNode

from diptych.ledger.account import LocalAccount
from diptych.ledger.chain import Chain
from diptych.ledger.decoding import block_parameter, decode_log, decode_receipt
from diptych.ledger.errors import Behind, BlockNotFound, MalformedAnswer, RpcRefused, WrongChain
from diptych.ledger.records import LogEntry, LogFilter
from diptych.ledger.rpc import Rpc
from diptych.ledger.sending import Refusal, TransactionRefused, refused_transaction
from diptych.ledger.transaction import Transaction
from diptych.ledger.transport import HttpAnswer

TOPIC = "0x" + "0a" * 32
ADDRESS = "0x" + "22" * 20


class Scripted:
    """A transport that answers by method."""

    shown_url = "fake://scripted"

    def __init__(self, **answers: Any) -> None:
        self.answers = {"eth_chainId": "0x1", **answers}
        self.asked: list[tuple[str, Any]] = []

    def clean(self, text: str) -> str:
        return text

    def post(self, body: bytes) -> HttpAnswer:
        request = json.loads(body)
        if isinstance(request, list):
            return HttpAnswer(200, json.dumps([self._one(r) for r in request]).encode())
        return HttpAnswer(200, json.dumps(self._one(request)).encode())

    def _one(self, request: dict[str, Any]) -> dict[str, Any]:
        self.asked.append((request["method"], request["params"]))
        result = self.answers.get(request["method"])
        if callable(result):
            result = result(*request["params"])
        if isinstance(result, Exception):
            error = {"code": -32000, "message": str(result)}
            return {"jsonrpc": "2.0", "id": request["id"], "error": error}
        return {"jsonrpc": "2.0", "id": request["id"], "result": result}


def scripted(**answers: Any) -> tuple[Chain, Scripted]:
    transport = Scripted(**answers)
    return Chain(Rpc("", transport=transport, sleep=lambda _: None), 1), transport


def raw_log(block: int, **changed: Any) -> dict[str, Any]:
    return {
        "address": ADDRESS,
        "topics": [TOPIC],
        "data": "0x01",
        "blockNumber": hex(block),
        "blockHash": "0x" + "33" * 32,
        "transactionHash": "0x" + "44" * 32,
        "transactionIndex": "0x0",
        "logIndex": "0x0",
        "removed": False,
        **changed,
    }


class TestLogRanges:
    def _chain(self, limit: int) -> tuple[Chain, Scripted]:
        def logs(wanted: dict[str, str]) -> Any:
            first, last = int(wanted["fromBlock"], 16), int(wanted["toBlock"], 16)
            if last - first + 1 > limit:
                return ValueError(f"query returned more than {limit} results")
            return [raw_log(number) for number in range(first, last + 1)]

        return scripted(eth_getLogs=logs)

    @pytest.mark.parametrize("limit", [1, 2, 3, 7, 1_000])
    def test_every_event_once_in_order(self, limit: int) -> None:
        chain, _ = self._chain(limit)
        found = [entry.block_number for entry in chain.logs(LogFilter(5, 60))]
        assert found == list(range(5, 61))

    def test_number_of_queries_stays_near_the_least(self) -> None:
        chain, transport = self._chain(16)
        list(chain.logs(LogFilter(0, 1_023)))
        assert len(transport.asked) < 3 * 1_024 / 16

    def test_refused_single_block_is_told(self) -> None:
        chain, _ = self._chain(0)
        with pytest.raises(RpcRefused):
            list(chain.logs(LogFilter(5, 60)))

    def test_other_errors_are_not_split(self) -> None:
        chain, transport = scripted(eth_getLogs=ValueError("unknown account"))
        with pytest.raises(RpcRefused):
            list(chain.logs(LogFilter(5, 60)))
        assert len(transport.asked) == 2

    def test_event_outside_the_range_is_refused(self) -> None:
        chain, _ = scripted(eth_getLogs=[raw_log(99)])
        with pytest.raises(MalformedAnswer):
            list(chain.logs(LogFilter(5, 60)))

    def test_filter_is_passed_on(self) -> None:
        chain, transport = scripted(eth_getLogs=[])
        word = bytes.fromhex("0a" * 32)
        list(chain.logs(LogFilter(5, 6, (ADDRESS,), (None, word, (word, word)))))
        assert transport.asked[-1][1] == [
            {
                "fromBlock": "0x5",
                "toBlock": "0x6",
                "address": [ADDRESS],
                "topics": [None, TOPIC, [TOPIC, TOPIC]],
            }
        ]


class TestBlocks:
    def test_foreign_block_is_refused(self, node: FakeNode) -> None:
        node.mine([])
        answer = node._block_json(node.blocks[1], False)
        chain, _ = scripted(eth_getBlockByNumber=answer, eth_getBlockByHash=answer)
        assert chain.block(1).number == 1
        for reference in (2, b"\x01" * 32):
            with pytest.raises(MalformedAnswer):
                chain.block(reference)

    def test_missing_block(self, chain: Chain) -> None:
        with pytest.raises(BlockNotFound):
            chain.block(5)

    def test_old_head_is_behind(self, node: FakeNode) -> None:
        now_s = [1_700_000_100.0]
        chain = Chain(chain_of(node).rpc, node.chain_id, clock=lambda: now_s[0])
        assert chain.require_fresh(300).number == 0
        now_s[0] += 1_000
        with pytest.raises(Behind):
            chain.require_fresh(300)

    def test_finalized_block_may_be_missing(self, node: FakeNode, chain: Chain) -> None:
        assert chain.finalized_block() is not None
        node.finalized = None
        assert chain.finalized_block() is None

    @pytest.mark.parametrize(
        ("reference", "expected"),
        [(0, "0x0"), ("safe", "safe"), (b"\x01" * 32, {"blockHash": "0x" + "01" * 32})],
    )
    def test_parameter(self, reference: int | str | bytes, expected: object) -> None:
        assert block_parameter(reference) == expected

    def test_unknown_tag(self) -> None:
        with pytest.raises(ValueError, match="newest"):
            block_parameter("newest")


class TestReceipts:
    def test_single_reads_replace_a_missing_batch_method(
        self, node: FakeNode, chain: Chain, account: LocalAccount
    ) -> None:
        node.auto_mine = False
        for nonce in range(3):
            chain.send_raw(_signed(account, nonce))
        node.mine()
        assert [r.transaction_index for r in chain.block_receipts("latest")] == [0, 1, 2]

    def test_incomplete_receipts_are_refused(
        self, node: FakeNode, chain: Chain, account: LocalAccount
    ) -> None:
        chain.send_raw(_signed(account, 0))
        node.hide_receipts = True
        with pytest.raises(MalformedAnswer):
            chain.block_receipts("latest")

    def test_foreign_receipt_is_refused(
        self, node: FakeNode, chain: Chain, account: LocalAccount
    ) -> None:
        chain.send_raw(_signed(account, 0))
        foreign, _ = scripted(eth_getTransactionReceipt=node._receipt_json(node.blocks[1], 0))
        with pytest.raises(MalformedAnswer):
            foreign.receipt(b"\x01" * 32)

    @pytest.mark.parametrize(
        ("name", "value"),
        [("status", "0x2"), ("logs", {}), ("logsBloom", "0x00"), ("from", "0x1"), ("type", 2)],
    )
    def test_malformed_fields(
        self, node: FakeNode, chain: Chain, account: LocalAccount, name: str, value: Any
    ) -> None:
        chain.send_raw(_signed(account, 0))
        raw: Any = node._receipt_json(node.blocks[1], 0)
        assert decode_receipt(raw).succeeded
        with pytest.raises(MalformedAnswer):
            decode_receipt({**raw, name: value})

    def test_log_with_five_topics_is_refused(self) -> None:
        assert isinstance(decode_log(raw_log(1)), LogEntry)
        with pytest.raises(MalformedAnswer):
            decode_log(raw_log(1, topics=[TOPIC] * 5))


class TestSending:
    def test_repeating_is_harmless(
        self, node: FakeNode, chain: Chain, account: LocalAccount
    ) -> None:
        node.auto_mine = False
        raw = _signed(account, 0)
        assert chain.send_raw(raw) == chain.send_raw(raw)

    def test_wrong_hash_is_refused(self, account: LocalAccount) -> None:
        chain, _ = scripted(eth_sendRawTransaction="0x" + "00" * 32)
        with pytest.raises(MalformedAnswer):
            chain.send_raw(_signed(account, 0))

    @pytest.mark.parametrize(
        ("words", "expected"),
        [
            ("nonce too low: next nonce 5, tx nonce 3", Refusal.NONCE_USED),
            ("replacement transaction underpriced", Refusal.UNDERPRICED),
            ("max fee per gas less than block base fee", Refusal.UNDERPRICED),
            ("insufficient funds for gas * price + value", Refusal.UNDERFUNDED),
            ("Sender doesn't have enough funds to send tx", Refusal.UNDERFUNDED),
            ("intrinsic gas too low", Refusal.OTHER),
        ],
    )
    def test_refusals_are_named(self, words: str, expected: Refusal) -> None:
        error = refused_transaction(RpcRefused("eth_sendRawTransaction", -32000, words))
        assert isinstance(error, TransactionRefused)
        assert error.refusal is expected


class TestChainId:
    def test_is_checked_again_after_a_broken_line(self, node: FakeNode, chain: Chain) -> None:
        assert chain.head_number() == 0
        node.away, node.chain_id = 1, 5
        with pytest.raises(Exception, match="away"):
            chain.head_number()
        with pytest.raises(WrongChain):
            chain.head_number()

    def test_fees_without_a_tip_method(self) -> None:
        answers = FakeNode()._block_json(FakeNode().blocks[0], False)
        chain, _ = scripted(
            eth_getBlockByNumber=answers, eth_maxPriorityFeePerGas=ValueError("unknown method")
        )
        assert chain.fees().max_fee_wei == 20 + 1_000_000_000


def _signed(account: LocalAccount, nonce: int) -> bytes:
    return account.sign_transaction(Transaction(31_337, nonce, 2, 100, 21_000, ADDRESS))
