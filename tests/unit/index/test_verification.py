"""Verification: blocks of every kind are proven, and each lie is named."""

import copy
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from eth_account import Account
from eth_hash.auto import keccak
from tests.unit.index.made_chain import SENDER, TOKEN, answers, make_chain, transactions

from diptych.core.errors import UsageError
from diptych.index.blocks import LogSelector
from diptych.index.source.answers import RawBlock, RawReceipt, as_struct
from diptych.index.source.stored_transactions import read_transaction
from diptych.index.verification.encoding import CannotVerify, encoded_receipt, encoded_transaction
from diptych.index.verification.keccak import new_keccak
from diptych.index.verification.proof import prove_log
from diptych.index.verification.trie import ListTrie
from diptych.index.verification.verifier import Verifier, verify_links
from diptych.ledger.errors import MalformedAnswer
from diptych.ledger.header import ProofMismatch
from diptych.ledger.trie import Trie
from diptych_verify.errors import MalformedError
from diptych_verify.receipt import parse_header, verify_event
from diptych_verify.rlp import encode_integer, rlp_decode

Json = Any


@pytest.fixture(scope="module")
def told() -> tuple[Any, Any]:
    blocks, receipts = answers(make_chain(2))
    return blocks[1], receipts[1]


def proven(block: Json, receipts: list[Json] | None) -> Any:
    structs = None if receipts is None else as_struct(receipts, list[RawReceipt])
    return Verifier().block(as_struct(block, RawBlock), structs)


def test_every_kind_of_transaction_is_proven(told: tuple[Any, Any]) -> None:
    evidence = proven(*told)
    kinds = [int(each["type"], 16) for each in told[0]["transactions"]]
    assert sorted(set(kinds)) == [0, 1, 2, 3, 4, 0x7E]
    assert (evidence.transactions, evidence.receipts) == (len(kinds), len(kinds))
    assert evidence.logs == sum(len(each["logs"]) for each in told[1]) > 5


@pytest.mark.parametrize("raw", transactions(3)[:-1])
def test_a_transaction_is_read_as_its_signer_wrote_it(raw: bytes) -> None:
    item = rlp_decode(raw) if raw[0] >= 0x80 else raw
    read = read_transaction(item, keccak)
    assert read.hash == "0x" + keccak(raw).hex()
    assert read.sender == SENDER == Account.recover_transaction(raw).lower()
    assert encoded_transaction(read)[0] == raw


def _set(path: str, value: Any) -> Callable[[Json, list[Json]], None]:
    def change(block: Json, receipts: list[Json]) -> None:
        *steps, last = path.split(".")
        target: Any = {"block": block, "receipts": receipts}
        for step in steps:
            target = target[int(step) if step.isdigit() else step]
        target[int(last) if last.isdigit() else last] = value

    return change


_WORD = "0x" + "5a" * 32
_SOMEBODY = "0x" + "5a" * 20
LIES = {
    "header": _set("block.timestamp", "0x1"),
    "root of states": _set("block.stateRoot", _WORD),
    "hash": _set("block.hash", _WORD),
    "value": _set("block.transactions.3.value", "0x6"),
    "input": _set("block.transactions.0.input", "0x00"),
    "sender": _set("block.transactions.3.from", _SOMEBODY),
    "transaction hash": _set("block.transactions.2.hash", _WORD),
    "gas price": _set("block.transactions.3.gasPrice", "0x1"),
    "place": _set("block.transactions.2.transactionIndex", "0x7"),
    "block of a transaction": _set("block.transactions.2.blockNumber", "0x7"),
    "left out": lambda block, receipts: (block["transactions"].pop(), receipts.pop()),
    "other order": lambda block, _: block["transactions"].reverse(),
    "access": _set("block.transactions.3.accessList", []),
    "authorization": _set("block.transactions.5.authorizationList.0.address", _SOMEBODY),
    "blob": _set("block.transactions.4.blobVersionedHashes", []),
    "withdrawal": _set("block.withdrawals.0.amount", "0x1"),
    "no withdrawals": _set("block.withdrawals", []),
    "status": _set("receipts.1.status", "0x0"),
    "gas used": _set("receipts.1.gasUsed", "0x1"),
    "cumulative gas": _set("receipts.1.cumulativeGasUsed", "0x1"),
    "price paid": _set("receipts.3.effectiveGasPrice", "0x1"),
    "contract": _set("receipts.6.contractAddress", _SOMEBODY),
    "contract of a call": _set("receipts.3.contractAddress", _SOMEBODY),
    "bloom": _set("receipts.1.logsBloom", "0x" + "00" * 256),
    "receipt left out": lambda _, receipts: receipts.pop(),
    "receipts exchanged": lambda _, receipts: receipts.reverse(),
    "log left out": lambda _, receipts: receipts[1]["logs"].pop(),
    "log added": lambda _, receipts: receipts[1]["logs"].append(receipts[1]["logs"][0]),
    "log data": _set("receipts.1.logs.0.data", "0x" + "00" * 32),
    "log address": _set("receipts.1.logs.0.address", _SOMEBODY),
    "topic": _set("receipts.1.logs.0.topics.1", _WORD),
    "log index": _set("receipts.1.logs.0.logIndex", "0x9"),
    "log's transaction": _set("receipts.1.logs.0.transactionHash", _WORD),
    "log's block": _set("receipts.1.logs.0.blockHash", _WORD),
    "log's height": _set("receipts.1.logs.0.blockNumber", "0x9"),
    "removed": _set("receipts.1.logs.0.removed", True),
    "deposit nonce": _set("receipts.7.depositNonce", "0x9"),
}


@pytest.mark.parametrize("lie", LIES)
def test_each_lie_is_found_and_names_the_block(lie: str, told: tuple[Any, Any]) -> None:
    block, receipts = copy.deepcopy(told)
    LIES[lie](block, receipts)
    with pytest.raises(ProofMismatch, match="block 0x1 "):
        proven(block, receipts)


def test_what_cannot_be_verified_is_refused(told: tuple[Any, Any]) -> None:
    block, _ = copy.deepcopy(told)
    block["transactions"][0]["type"] = "0x64"
    with pytest.raises(CannotVerify, match="type 0x64"):
        proven(block, None)
    block["transactions"] = [each["hash"] for each in told[0]["transactions"]]
    with pytest.raises(CannotVerify, match="hashes"):
        proven(block, None)


@pytest.mark.parametrize("value", ["0xzz", "5", "0x5 ", ""])
def test_malformed_hex_is_refused(value: str, told: tuple[Any, Any]) -> None:
    block, receipts = copy.deepcopy(told)
    block["transactions"][0]["gas"] = value
    with pytest.raises((MalformedAnswer, ProofMismatch), match="block 0x1 "):
        proven(block, receipts)


def test_blocks_must_follow_each_other() -> None:
    blocks = [as_struct(each, RawBlock) for each in answers(make_chain(4))[0]]
    verify_links(blocks)
    with pytest.raises(ProofMismatch, match="block 3: parentHash"):
        verify_links([blocks[0], blocks[1], blocks[3]])


def test_every_log_has_a_proof_that_the_offline_verifier_takes(
    told: tuple[Any, Any],
) -> None:
    evidence = proven(*told)
    header = parse_header(evidence.header)
    seen = 0
    for place, receipt in enumerate(told[1]):
        if receipt["status"] == "0x0":
            continue
        proof = evidence.trie.proof(place)
        for index, log in enumerate(receipt["logs"]):
            event = verify_event(header, place, proof, log_index=index)
            assert "0x" + event.data.hex() == log["data"]
            seen += 1
    assert seen > 3
    with pytest.raises(IndexError):
        evidence.trie.proof(99)


def test_a_receipt_of_a_full_block_is_proven_within_a_limit(
    told: tuple[Any, Any],
) -> None:
    receipt = copy.deepcopy(told[1][1])
    receipt["logs"] = receipt["logs"][:1] * 2500
    encoded = encoded_receipt(as_struct(receipt, RawReceipt), bytes(256))
    trie = ListTrie([encoded], keccak)
    header = replace(parse_header(proven(*told).header), receipts_root=trie.root)
    proof = trie.proof(0)
    found = verify_event(header, 0, proof, log_index=2499, max_bytes=1 << 20)
    assert "0x" + found.data.hex() == receipt["logs"][0]["data"]
    with pytest.raises(MalformedError, match="above 262144 bytes"):
        verify_event(header, 0, proof, log_index=0)


def test_a_log_of_a_block_is_proven_by_its_place(told: tuple[Any, Any]) -> None:
    block = as_struct(told[0], RawBlock)
    receipts = as_struct(told[1], list[RawReceipt])
    logs = [log for receipt in receipts for log in receipt.logs]
    for place in (0, len(logs) - 1):
        proof = prove_log(block, receipts, place, chain_id=1)
        header = parse_header(proof.header)
        event = verify_event(header, proof.index, proof.proof, log_index=proof.log_index)
        assert (header.block_hash, "0x" + event.data.hex()) == (proof.block_hash, logs[place].data)
    with pytest.raises(UsageError, match=f"expected 0 to {len(logs) - 1}"):
        prove_log(block, receipts, len(logs), chain_id=1)


def test_a_deposit_before_its_version_hashes_no_nonce(told: tuple[Any, Any]) -> None:
    receipt = copy.deepcopy(told[1][7])
    assert receipt["type"] == "0x7e"
    del receipt["depositReceiptVersion"]
    early = encoded_receipt(as_struct(receipt, RawReceipt), bytes(256))
    del receipt["depositNonce"]
    assert early == encoded_receipt(as_struct(receipt, RawReceipt), bytes(256))


@pytest.mark.parametrize("count", [0, 1, 2, 16, 17, 127, 128, 129, 255, 256, 257, 300])
def test_tries_of_lists_equal_tries_of_any_keys(count: int) -> None:
    values = [keccak(bytes([at % 256]))[: 1 + at % 32] * (1 + at % 5) for at in range(count)]
    fast = ListTrie(values, keccak)
    slow = Trie({encode_integer(place): value for place, value in enumerate(values)})
    assert fast.root == slow.root
    for place in range(0, count, 7):
        assert list(fast.proof(place)) == slow.proof(encode_integer(place))


@pytest.mark.parametrize("size", [0, 1, 135, 136, 137, 5000])
def test_the_fast_hash_is_the_same(size: int) -> None:
    fast = new_keccak()
    assert fast(b"a" * size) == keccak(b"a" * size)
    assert fast(b"b" * size) == keccak(b"b" * size)


def test_threads_may_share_a_hash() -> None:
    fast = new_keccak()
    messages = [bytes([at]) * (at * 40) for at in range(60)] * 20
    expected = [keccak(message) for message in messages]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(3):
            assert list(pool.map(fast, messages)) == expected


def test_a_filter_tells_what_a_block_cannot_hold(told: tuple[Any, Any]) -> None:
    blooms = Verifier().blooms
    bloom = bytes.fromhex(told[0]["logsBloom"][2:])
    assert blooms.may_hold(bloom, LogSelector())
    assert blooms.may_hold(bloom, LogSelector(addresses=frozenset((TOKEN, b"\x5a" * 20))))
    assert not blooms.may_hold(bloom, LogSelector(addresses=frozenset((b"\x5a" * 20,))))
    assert not blooms.may_hold(bloom, LogSelector(frozenset((TOKEN,)), frozenset((b"\x5a" * 32,))))
