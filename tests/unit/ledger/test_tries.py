"""Tries and headers: our builder against the verifier, and against real mainnet blocks."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from eth_hash.auto import keccak
from hypothesis import given
from hypothesis import strategies as st

from diptych.ledger.errors import MalformedAnswer
from diptych.ledger.header import ProofMismatch, header_rlp
from diptych.ledger.receipt_proof import encode_receipt, receipts_trie
from diptych.ledger.records import LogEntry, Receipt
from diptych.ledger.trie import EMPTY_TRIE_ROOT, Trie
from diptych_verify.errors import VerificationError
from diptych_verify.mpt import verify_trie_proof
from diptych_verify.receipt import parse_header, parse_receipt, verify_receipt
from diptych_verify.rlp import as_bytes, as_integer, as_list, encode_integer, rlp_decode, rlp_encode

WATCH = Path(__file__).parents[4] / "shared" / "data" / "watch"
ENTRIES = st.dictionaries(
    st.binary(min_size=1, max_size=6), st.binary(min_size=1, max_size=80), min_size=1, max_size=60
)


class TestTrie:
    @given(ENTRIES)
    def test_every_proof_convinces_the_verifier(self, entries: dict[bytes, bytes]) -> None:
        trie = Trie(entries)
        for key, value in entries.items():
            assert verify_trie_proof(trie.root, key, trie.proof(key)) == value

    @given(ENTRIES, st.binary(min_size=1, max_size=6))
    def test_absent_keys_have_no_proof(self, entries: dict[bytes, bytes], key: bytes) -> None:
        entries.pop(key, None)
        with pytest.raises(KeyError):
            Trie(entries).proof(key)

    @given(ENTRIES)
    def test_root_commits_to_every_value(self, entries: dict[bytes, bytes]) -> None:
        key = sorted(entries)[0]
        changed = {**entries, key: entries[key] + b"!"}
        assert Trie(changed).root != Trie(entries).root
        with pytest.raises(VerificationError):
            verify_trie_proof(Trie(entries).root, key, Trie(changed).proof(key))

    def test_known_roots(self) -> None:
        # ethereum/tests, TrieTests/trieanyorder.json.
        dogs = {b"doe": b"reindeer", b"dog": b"puppy", b"dogglesworth": b"cat"}
        expected = "8aad789dff2f538bca5d8ea56e8abe10f4c7ba3a5dea95fea4cd6e7c3a1168d3"
        assert Trie(dogs).root.hex() == expected
        expected = "56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"
        assert EMPTY_TRIE_ROOT.hex() == Trie({}).root.hex() == expected


def bloom(receipt_logs: list[LogEntry]) -> bytes:
    """Return the 2048-bit bloom filter of events (Yellow Paper 4.3.1)."""
    bits = 0
    for entry in receipt_logs:
        for word in (bytes.fromhex(entry.address[2:]), *entry.topics):
            digest = keccak(word)
            for start in (0, 2, 4):
                bits |= 1 << (int.from_bytes(digest[start : start + 2], "big") & 2047)
    return bits.to_bytes(256, "big")


def receipt(index: int, *, kind: int, cumulative: int, ok: bool, logs: list[LogEntry]) -> Receipt:
    return Receipt(
        transaction_hash=keccak(index.to_bytes(4, "big")),
        transaction_index=index,
        transaction_type=kind,
        block_number=1,
        block_hash=bytes(32),
        sender="0x" + "11" * 20,
        to=None,
        contract_address=None,
        succeeded=ok,
        state_root=None,
        gas_used=0,
        cumulative_gas_used=cumulative,
        gas_price_wei=0,
        logs=tuple(logs),
        logs_bloom=bloom(logs),
    )


LOGS = st.lists(
    st.builds(
        LogEntry,
        address=st.just("0x" + "22" * 20),
        topics=st.lists(st.binary(min_size=32, max_size=32), max_size=4).map(tuple),
        data=st.binary(max_size=100),
    ),
    max_size=4,
)


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans(), LOGS), min_size=1, max_size=300))
def test_encoded_receipts_read_back(made: list[tuple[int, bool, list[LogEntry]]]) -> None:
    receipts = [
        receipt(i, kind=kind, cumulative=21_000 * i, ok=ok, logs=logs)
        for i, (kind, ok, logs) in enumerate(made)
    ]
    trie = receipts_trie(receipts)
    for position in (0, len(receipts) // 2, len(receipts) - 1):
        key = encode_integer(position)
        read = parse_receipt(verify_trie_proof(trie.root, key, trie.proof(key)))
        wanted = receipts[position]
        assert (read.kind, read.succeeded) == (wanted.transaction_type, wanted.succeeded)
        assert [(e.topics, e.data) for e in read.events] == [
            (e.topics, e.data) for e in wanted.logs
        ]


def test_old_receipt_carries_a_state_root() -> None:
    old = receipt(0, kind=0, cumulative=1, ok=True, logs=[])
    raw = encode_receipt(Receipt(**{**vars(old), "state_root": b"\x07" * 32}))
    assert as_list(rlp_decode(raw), "receipt")[0] == b"\x07" * 32


def test_rollup_deposit_carries_two_more_fields() -> None:
    deposit = receipt(0, kind=0x7E, cumulative=1, ok=True, logs=[])
    raw = encode_receipt(Receipt(**{**vars(deposit), "deposit": (4, 1)}))
    assert as_list(rlp_decode(raw[1:]), "receipt")[4:] == [b"\x04", b"\x01"]
    assert parse_receipt(raw).succeeded
    earlier = encode_receipt(Receipt(**{**vars(deposit), "deposit": (4,)}))
    assert earlier == encode_receipt(deposit)


FRONTIER = {
    **{name: "0x" + "11" * 32 for name in ("parentHash", "sha3Uncles", "stateRoot", "mixHash")},
    **{name: "0x" + "22" * 32 for name in ("transactionsRoot", "receiptsRoot")},
    **{name: "0x1" for name in ("difficulty", "number", "gasLimit", "timestamp")},
    **{"gasUsed": "0x0", "miner": "0x" + "33" * 20, "logsBloom": "0x" + "00" * 256},
    **{"extraData": "0x", "nonce": "0x" + "00" * 8},
}
FORKS = [
    {},
    {"baseFeePerGas": "0x7"},
    {"withdrawalsRoot": "0x" + "44" * 32},
    {"blobGasUsed": "0x0", "excessBlobGas": "0x0", "parentBeaconBlockRoot": "0x" + "55" * 32},
    {"requestsHash": "0x" + "66" * 32},
]


class TestHeader:
    @pytest.mark.parametrize("fork", range(len(FORKS)))
    def test_rebuilt_from_json(self, fork: int) -> None:
        block = dict(FRONTIER)
        for fields in FORKS[: fork + 1]:
            block |= fields
        raw = _hashed(block)
        header = parse_header(header_rlp({**block, "hash": "0x" + keccak(raw).hex()}))
        assert (header.block_hash, header.number) == (keccak(raw), 1)

    @pytest.mark.parametrize("vote", [[], [b"\x07" * 20, b"\xff"]])
    @pytest.mark.parametrize("qbft", [True, False])
    def test_seals_and_round_of_bft_chains_are_not_hashed(
        self, vote: list[bytes], *, qbft: bool
    ) -> None:
        fixed: list[Any] = [bytes(32), [b"\x05" * 20, b"\x06" * 20], vote if qbft or vote else b""]
        sealed = rlp_encode([*fixed, b"\x02", [b"\x08" * 65, b"\x09" * 65]])
        hashed = rlp_encode([*fixed, b"", []] if qbft else fixed)
        shown = {**FRONTIER, "baseFeePerGas": "0x0", "extraData": "0x" + sealed.hex()}
        raw = _hashed(shown | {"extraData": "0x" + hashed.hex()})
        block = {**shown, "hash": "0x" + keccak(raw).hex()}
        assert header_rlp(block) == raw
        assert parse_header(raw).block_hash == keccak(raw)
        other = rlp_encode([bytes(32), [b"\x05" * 20], *fixed[2:], b"\x02", []])
        for changes in (
            {"extraData": "0x" + other.hex()},
            {"extraData": "0x" + rlp_encode([*fixed, b"\x02", b"no list"]).hex()},
            {"receiptsRoot": "0x" + "77" * 32},
        ):
            with pytest.raises(ProofMismatch):
                header_rlp(block | changes)

    def test_changed_field_is_refused(self) -> None:
        block = {**FRONTIER, "hash": "0x" + keccak(_hashed(FRONTIER)).hex()}
        header_rlp(block)
        for name in ("timestamp", "gasUsed"):
            with pytest.raises(ProofMismatch):
                header_rlp({**block, name: "0x999"})

    @pytest.mark.parametrize("value", [None, "", "0x", "0xzz", 5, "0x" + "11" * 31])
    def test_field_of_the_wrong_shape_is_refused(self, value: str | int | None) -> None:
        with pytest.raises(MalformedAnswer):
            header_rlp({**FRONTIER, "hash": "0x" + "00" * 32, "stateRoot": value})


def _hashed(block: dict[str, str]) -> bytes:
    """Return the header's RLP, field by field."""
    order = (
        *("parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot"),
        *("logsBloom", "difficulty", "number", "gasLimit", "gasUsed", "timestamp", "extraData"),
        *("mixHash", "nonce", "baseFeePerGas", "withdrawalsRoot", "blobGasUsed", "excessBlobGas"),
        *("parentBeaconBlockRoot", "requestsHash"),
    )
    numbers = {"difficulty", "number", "gasLimit", "gasUsed", "timestamp"}
    numbers |= {"baseFeePerGas", "blobGasUsed", "excessBlobGas"}
    fields = []
    for name in order:
        if name in block:
            digits = block[name][2:]
            number = digits.lstrip("0")
            text = number.rjust(len(number) + len(number) % 2, "0") if name in numbers else digits
            fields.append(bytes.fromhex(text))
    return rlp_encode(fields)


class TestMainnet:
    """Real blocks, where the shared data lies beside the repository."""

    def test_headers_hash_to_their_blocks(self) -> None:
        for path in sorted((WATCH / "mainnet-blocks").glob("*.block.json.gz")):
            header_rlp(json.loads(gzip.decompress(path.read_bytes())))

    def test_receipts_have_the_headers_root(self) -> None:
        for path in sorted((WATCH / "mainnet-receipts").glob("*.yaml.gz")):
            lines = gzip.decompress(path.read_bytes()).decode().splitlines()
            fields = dict(line.split(": ", 1) for line in lines if ": " in line)
            header = parse_header(_hex(fields["header"]))
            items = as_list(
                rlp_decode(_hex(fields["receipts"]), max_bytes=1 << 25, max_items=1 << 22), "all"
            )
            trie = receipts_trie([_published(i, item) for i, item in enumerate(items)])
            assert trie.root == header.receipts_root
            verify_receipt(header, 0, trie.proof(encode_integer(0)))


def _hex(text: str) -> bytes:
    return bytes.fromhex(text.strip('"').removeprefix("0x"))


def _published(index: int, item: object) -> Receipt:
    """Read a receipt as published: type, status, gas, logs; the bloom filter is left out."""
    assert isinstance(item, list)
    logs = [
        LogEntry(
            address="0x" + as_bytes(log[0], "address").hex(),
            topics=tuple(as_bytes(t, "topic") for t in log[1]),
            data=as_bytes(log[2], "data"),
        )
        for log in item[3]
    ]
    return receipt(
        index,
        kind=as_integer(item[0], "type"),
        cumulative=as_integer(item[2], "gas"),
        ok=item[1] == b"\x01",
        logs=logs,
    )
