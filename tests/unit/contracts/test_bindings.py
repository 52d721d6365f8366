"""Generated bindings: bytes as the ABI specification says, and nothing else is believed."""

import pytest
from eth_hash.auto import keccak
from hypothesis import given
from hypothesis import strategies as st

from diptych.contracts.abi import BadArgument, MalformedReturn, decode_words
from diptych.contracts.bindings import anchor

WORD = st.binary(min_size=32, max_size=32)
ADDRESS = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
ADDRESS_WORD = bytes(12) + bytes.fromhex(ADDRESS[2:])


def _word(number: int) -> bytes:
    return number.to_bytes(32, "big")


@given(WORD, st.integers(0, 2**48 - 1), WORD)
def test_anchor_call_is_selector_and_three_words(log_id: bytes, size: int, root: bytes) -> None:
    selector = keccak(b"anchor(bytes32,uint48,bytes32)")[:4]
    assert anchor.encode_anchor(log_id, size, root) == selector + log_id + _word(size) + root


@given(WORD, WORD, st.integers(0, 2**256 - 1), st.lists(WORD, max_size=40))
def test_inclusion_call_carries_the_whole_proof(
    log_id: bytes, leaf: bytes, index: int, proof: list[bytes]
) -> None:
    call = anchor.encode_verify_inclusion(log_id, leaf, index, proof)
    head = log_id + leaf + _word(index) + _word(128)
    assert call[4:] == head + _word(len(proof)) + b"".join(proof)


def test_the_five_parameter_call_names_them() -> None:
    call = anchor.encode_verify_inclusion_in(
        size=3, root=bytes(32), leaf_hash=bytes(32), index=2, proof=[]
    )
    assert call[4:36] == _word(3)


@pytest.mark.parametrize("size", [-1, 2**48])
def test_sizes_outside_uint48_are_refused(size: int) -> None:
    with pytest.raises(BadArgument) as caught:
        anchor.encode_anchor(bytes(32), size, bytes(32))
    assert caught.value.code == "Contract.BadArgument"


@pytest.mark.parametrize("word", [b"", bytes(33), "0x12"])
def test_wrong_lengths_and_types_are_refused(word: bytes) -> None:
    with pytest.raises(BadArgument):
        anchor.encode_head(word)


def test_head_is_read_with_a_checksummed_owner() -> None:
    head = anchor.decode_head(ADDRESS_WORD + _word(7) + _word(1_700_000_000) + b"r" * 32)
    assert head == anchor.HeadAnswer(ADDRESS, 7, 1_700_000_000, b"r" * 32)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        bytes(127),
        b"\xff" * 128,
        ADDRESS_WORD + _word(2**48) + bytes(64),
        b"\x01" + bytes(127),
    ],
    ids=["no contract", "short", "garbage", "size of 49 bits", "dirty address"],
)
def test_other_answers_are_refused(answer: bytes) -> None:
    with pytest.raises(MalformedReturn) as caught:
        anchor.decode_head(answer)
    assert caught.value.code == "Contract.MalformedReturn"


@given(st.binary(max_size=300))
def test_any_answer_is_read_or_refused(answer: bytes) -> None:
    for decode in (anchor.decode_head, anchor.decode_may_publish, anchor.decode_proposed_owner):
        try:
            decode(answer)
        except MalformedReturn:
            continue


def test_oversized_answer_is_refused() -> None:
    with pytest.raises(MalformedReturn, match="at most"):
        decode_words(["bytes"], bytes((1 << 20) + 1), what="x")


def test_event_is_read_from_topics_and_data() -> None:
    topics = (anchor.Anchored.TOPIC, b"i" * 32)
    event = anchor.Anchored.parse(topics, _word(5) + b"r" * 32)
    assert event == anchor.Anchored(b"i" * 32, 5, b"r" * 32)
    assert keccak(b"Anchored(bytes32,uint48,bytes32)") == anchor.Anchored.TOPIC


def test_events_without_data_keep_their_indexed_addresses() -> None:
    topics = (anchor.OwnerChanged.TOPIC, b"i" * 32, ADDRESS_WORD, bytes(32))
    event = anchor.OwnerChanged.parse(topics, b"")
    assert (event.previous, event.owner) == (ADDRESS, "0x" + "0" * 40)


@pytest.mark.parametrize(
    "topics",
    [(), (anchor.Anchored.TOPIC,), (anchor.Registered.TOPIC, b"i" * 32), (b"i" * 32,) * 2],
)
def test_other_events_are_refused(topics: tuple[bytes, ...]) -> None:
    with pytest.raises(MalformedReturn):
        anchor.Anchored.parse(topics, _word(5) + b"r" * 32)
