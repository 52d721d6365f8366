"""Salted commitments, padding and encryption framing."""

import hashlib
import hmac
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diptych.core.canonical import NotCanonical
from diptych.provenance.private.commitments import (
    FieldTree,
    commit,
    disclosed_json,
    inclusion_path,
)
from diptych.provenance.private.errors import NoSuchField, PrivateCorrupt
from diptych.provenance.private.framing import (
    CHUNK_BYTES,
    decrypt_object,
    encrypt_object,
    padded,
    padme_length,
    power_of_two,
)
from diptych.provenance.private.seal import file_message
from diptych_verify.bundle import DisclosedField
from diptych_verify.disclosed import commitment, verify_disclosed
from diptych_verify.errors import JsonValue, NotIncluded
from diptych_verify.jcs import canonical_json
from diptych_verify.manifest import ManifestEntry
from diptych_verify.merkle import EMPTY_ROOT, leaf_hash, merkle_root, verify_inclusion

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
KEY = bytes(range(32))


@given(st.lists(st.tuples(st.text(max_size=9), values), min_size=1, max_size=20), st.data())
def test_any_field_can_be_disclosed_and_checked(
    fields: list[tuple[str, JsonValue]], data: st.DataObject
) -> None:
    tree = commit(fields)
    index = data.draw(st.integers(0, len(fields) - 1))
    shown = tree.reveal(index)
    assert (shown.name, shown.value) == fields[index]
    verify_disclosed((shown,), tree.root())


def test_a_disclosed_value_salt_or_place_cannot_be_swapped() -> None:
    tree = commit([("age", 41), ("age", 42), ("name", "x")])
    good = tree.reveal(0)
    forged = [
        DisclosedField("age", 42, good.salt, 0, 3, good.proof),
        DisclosedField("name", 41, good.salt, 0, 3, good.proof),
        DisclosedField("age", 41, tree.salts[1], 0, 3, good.proof),
        DisclosedField("age", 41, good.salt, 1, 3, good.proof),
        DisclosedField("age", 41, good.salt, 0, 9, good.proof),
    ]
    for field in forged:
        with pytest.raises(NotIncluded):
            verify_disclosed((field,), tree.root())


def test_the_commitment_is_that_of_the_format() -> None:
    salt = bytes(32)
    assert commitment("a", [1, "é"], salt) == hmac.digest(salt, '["a",[1,"é"]]'.encode(), "sha256")


def test_equal_fields_have_unlike_commitments() -> None:
    tree = commit([("a", 1)] * 50)
    assert len(set(tree.leaf_hashes())) == 50
    assert len({salt for salt in tree.salts if len(salt) == 32}) == 50


def test_salts_and_values_stay_out_of_the_repr() -> None:
    tree = commit([("diagnosis", "secret")])
    assert "secret" not in repr(tree)
    assert tree.salts[0].hex() not in repr(tree)
    assert repr(tree.salts[0]) not in repr(tree)


def test_reveal_refuses_a_place_outside_and_commit_a_value_without_form() -> None:
    with pytest.raises(NoSuchField):
        commit([("a", 1)]).reveal(1)
    with pytest.raises(NotCanonical):
        commit([("a", 2**53)])


def test_disclosed_json_has_the_members_of_the_format() -> None:
    shown = commit([("a", 1), ("b", 2)]).reveal(1)
    assert sorted(disclosed_json(shown)) == ["index", "leaves", "name", "proof", "salt", "value"]


@given(st.integers(1, 70))
def test_every_leaf_has_a_path_to_the_root(size: int) -> None:
    leaves = [leaf_hash(bytes([n])) for n in range(size)]
    root = merkle_root(leaves)
    for index, leaf in enumerate(leaves):
        path = inclusion_path(leaves, index)
        verify_inclusion(leaf, index=index, size=size, proof=path, root=root)


def test_no_fields_have_the_empty_root() -> None:
    assert FieldTree((), ()).root() == EMPTY_ROOT


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.integers(0, 2**53 - 1))
def test_a_file_is_committed_as_the_field_of_the_format(path: str, size: int) -> None:
    digest = hashlib.sha256(path.encode()).digest()
    message = file_message(ManifestEntry(path, size, (digest,)))
    assert message == canonical_json(["file", [path, size, digest.hex()]])


SIZES = [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES]


@pytest.mark.parametrize("size", SIZES)
def test_objects_decrypt_to_what_was_encrypted(size: int) -> None:
    plain = os.urandom(size)
    sealed = b"".join(encrypt_object(KEY, [plain[:7], plain[7:]]))
    assert len(sealed) == size + 16 * max(1, -(-size // CHUNK_BYTES))
    assert b"".join(decrypt_object(KEY, [sealed[:100], sealed[100:]])) == plain


def chunks_of(sealed: bytes) -> list[bytes]:
    step = CHUNK_BYTES + 16
    return [sealed[at : at + step] for at in range(0, len(sealed), step)]


def test_chunks_cannot_be_flipped_dropped_moved_or_added() -> None:
    sealed = b"".join(encrypt_object(KEY, [os.urandom(2 * CHUNK_BYTES + 5)]))
    one, two, three = chunks_of(sealed)
    damaged = [
        b"", one, one + two, one + two + three[:-1], two + one + three, one + three,
        one + two + three + three, one + one + two + three, sealed[:-16],
        bytes([sealed[0] ^ 1]) + sealed[1:],
    ]  # fmt: skip
    for attempt in damaged:
        with pytest.raises(PrivateCorrupt):
            list(decrypt_object(KEY, [attempt]))
    with pytest.raises(PrivateCorrupt):
        list(decrypt_object(bytes(32), [sealed]))


@given(st.integers(0, 10_000_000))
def test_padding_hides_the_length_and_costs_little(length: int) -> None:
    padme = padme_length(length)
    assert length <= padme <= length * 1.12 + 1
    double = power_of_two(length)
    assert length <= double < 2 * max(length, 1)
    assert double.bit_count() == 1


def test_padding_is_appended_to_the_stream() -> None:
    assert b"".join(padded([b"abc", b"de"], exact=False)) == b"abcde\0\0\0"
    long = b"x" * 1_000_001
    assert b"".join(padded([long], exact=True)) == long + bytes(1_015_808 - len(long))
