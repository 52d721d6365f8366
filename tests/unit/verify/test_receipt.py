"""Trie proofs, headers and receipts: every true one passes, no altered one does."""

import contextlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.verify.chain_maker import (
    CONTRACT,
    Block,
    Trie,
    anchored,
    header,
    hex_prefix,
    receipt,
)

from diptych_verify.errors import AnchorMismatch, DiptychError, MalformedError
from diptych_verify.keccak import keccak256
from diptych_verify.mpt import verify_trie_proof
from diptych_verify.receipt import (
    parse_header,
    parse_receipt,
    verify_event,
    verify_receipt,
)
from diptych_verify.rlp import encode_integer, rlp_decode, rlp_encode


@given(
    st.dictionaries(
        st.binary(min_size=1, max_size=3), st.binary(min_size=1, max_size=40), min_size=1
    )
)
def test_every_key_is_proven(items: dict[bytes, bytes]) -> None:
    trie = Trie(items)
    for key, value in items.items():
        assert verify_trie_proof(trie.root, key, trie.proof(key)) == value


def test_root_is_that_of_the_ethereum_tests() -> None:
    # ethereum/tests TrieTests/trieanyorder.json: "dogs" and "puppy".
    dogs = {b"doe": b"reindeer", b"dog": b"puppy", b"dogglesworth": b"cat"}
    assert Trie(dogs).root.hex() == (
        "8aad789dff2f538bca5d8ea56e8abe10f4c7ba3a5dea95fea4cd6e7c3a1168d3"
    )
    verbs = {b"do": b"verb", b"horse": b"stallion", b"doge": b"coin", b"dog": b"puppy"}
    assert Trie(verbs).root.hex() == (
        "5991bb8c6514148a29db676a14ac506cd2cd5775ace63c30a4fe457715e9ac84"
    )


def test_altered_trie_proofs_are_refused() -> None:
    trie = Trie({encode_integer(i): receipt([], kind=i % 4) for i in range(300)})
    key, root = encode_integer(200), trie.root
    proof = trie.proof(key)
    assert len(proof) >= 3
    source = random.Random(1)
    cases = [proof[:-1], proof[1:], [*proof, proof[-1]], proof[::-1], [proof[0], *proof], []]
    cases.append([*proof, b"\xc0"])
    for _ in range(60):
        position = source.randrange(len(proof))
        node = bytearray(proof[position])
        node[source.randrange(len(node))] ^= 1 << source.randrange(8)
        cases.append([*proof[:position], bytes(node), *proof[position + 1 :]])
    for case in cases:
        with pytest.raises((AnchorMismatch, MalformedError)):
            verify_trie_proof(root, key, case)
    with pytest.raises(AnchorMismatch):
        verify_trie_proof(root, encode_integer(201), proof)
    with pytest.raises(AnchorMismatch):
        verify_trie_proof(bytes(32), key, proof)


@pytest.mark.parametrize(
    "node",
    [
        [b"\x20"],
        [b"", b"value"],
        [b"\x40", b"value"],
        [b"\x21" + b"\x00" * 40, b"value"],
        [b"\x2a", b"value"],
        [b"\x00", b"value" * 10],
        [b""] * 16,
        [b""] * 18,
        [hex_prefix([1], leaf=False), b"short"],
        [hex_prefix([1], leaf=False), [b"\x31", b"x" * 60]],
        [hex_prefix([1], leaf=True), [b"list"]],
        b"string",
    ],
)
def test_malformed_nodes_under_a_true_hash(node: object) -> None:
    raw = rlp_encode(node if isinstance(node, bytes) else list(node))  # type: ignore[call-overload]
    with pytest.raises((MalformedError, AnchorMismatch)):
        verify_trie_proof(keccak256(raw), b"\x11", [raw])


def test_empty_values_and_short_hashed_nodes_are_refused() -> None:
    empty = rlp_encode([hex_prefix([1, 1], leaf=True), b""])
    with pytest.raises(AnchorMismatch):
        verify_trie_proof(keccak256(empty), b"\x11", [empty])
    short = rlp_encode([hex_prefix([1], leaf=True), b"v"])
    parent = rlp_encode([hex_prefix([1], leaf=False), keccak256(short)])
    with pytest.raises(MalformedError, match="below 32"):
        verify_trie_proof(keccak256(parent), b"\x11", [parent, short])
    large = rlp_encode([hex_prefix([1, 1], leaf=True), bytes(1 << 20)])
    with pytest.raises(MalformedError):
        verify_trie_proof(keccak256(b""), b"\x11", [large])


def test_header_of_every_fork() -> None:
    for extra in range(7):
        raw = header(bytes(32), extra=extra)
        found = parse_header(raw)
        assert found.block_hash == keccak256(raw)
        assert (found.number, found.time_s) == (7, 1_800_000_000)


def test_malformed_headers() -> None:
    fields = rlp_decode(header(bytes(32)))
    assert isinstance(fields, list)
    for raw in (b"", b"\xc0", rlp_encode(fields[:14]), header(bytes(31)), b"\x80", bytes(20_000)):
        with pytest.raises(MalformedError):
            parse_header(raw)
    for position, value in ((0, b""), (8, b"\x00\x07"), (11, bytes(9)), (6, b""), (16, bytes(33))):
        with pytest.raises(MalformedError):
            parse_header(rlp_encode([*fields[:position], value, *fields[position + 1 :]]))
    with pytest.raises(MalformedError):
        parse_header(rlp_encode([*fields[:15], [b""], *fields[16:]]))


def test_typed_and_legacy_receipts() -> None:
    event = anchored(5, bytes(32))
    for kind in (0, 1, 2, 3, 4, 0x7E):
        found = parse_receipt(receipt([event], kind=kind))
        assert (found.kind, found.succeeded) == (kind, True)
        assert found.events[0].address == CONTRACT
    assert not parse_receipt(receipt([], status=b"")).succeeded
    assert parse_receipt(receipt([], kind=0, status=bytes(32))).succeeded


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x02",
        b"\x80",
        b"\x7f\xc0",
        receipt([], status=b"\x02"),
        receipt([], status=b"\x00"),
        receipt([[bytes(19), [], b""]]),
        receipt([[bytes(20), [bytes(31)], b""]]),
        receipt([[bytes(20), [bytes(32)] * 5, b""]]),
        receipt([[bytes(20), []]]),
        receipt([b"x"]),
        receipt([]) + b"\x00",
    ],
)
def test_malformed_receipts(raw: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_receipt(raw)


def test_event_is_proven_at_its_place_only() -> None:
    block = Block([anchored(1, bytes(32)), anchored(2, bytes(32))], index=200, count=300)
    head = parse_header(block.header)
    proof = block.trie.proof(encode_integer(200))
    event = verify_event(head, 200, proof, log_index=1)
    assert event.data[:32] == (2).to_bytes(32, "big")
    assert len(verify_receipt(head, 200, proof).events) == 2
    for index, log_index in ((200, 2), (200, -1), (199, 0), (201, 0)):
        with pytest.raises(AnchorMismatch):
            verify_event(head, index, proof, log_index=log_index)


def test_events_of_failed_transactions_do_not_count() -> None:
    block = Block([anchored(1, bytes(32))], status=b"")
    proof = block.trie.proof(encode_integer(3))
    with pytest.raises(AnchorMismatch, match="failed"):
        verify_event(parse_header(block.header), 3, proof, log_index=0)


@given(st.lists(st.binary(max_size=60), max_size=4), st.binary(max_size=34))
def test_arbitrary_nodes_never_raise_anything_else(nodes: list[bytes], key: bytes) -> None:
    root = keccak256(nodes[0]) if nodes else bytes(32)
    with contextlib.suppress(DiptychError):
        verify_trie_proof(root, key, nodes)
    for raw in nodes:
        with contextlib.suppress(DiptychError):
            parse_header(raw)
        with contextlib.suppress(DiptychError):
            parse_receipt(raw)
