"""`parse_bundle(dump_bundle(x)) == x` for every bundle the format can express."""

import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from tests.golden.world import seed

from diptych.core.errors import JsonValue
from diptych.provenance.bundle import BadBundleRequest, dump_bundle
from diptych.provenance.keys.log_signer import LogSigner
from diptych_verify.bundle import (
    AnchorProof,
    Bundle,
    BundleRecord,
    DisclosedField,
    OlderHead,
    parse_bundle,
)
from diptych_verify.note import Checkpoint, note_signature_line, parse_note

ORIGIN = "diptych.log/" + "0" * 32
LOG = LogSigner(ORIGIN, seed("log"))
HASH = st.binary(min_size=32, max_size=32)
PROOF = st.lists(HASH, max_size=4).map(tuple)
NUMBER = st.integers(0, 2**53 - 1)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
VALUE: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


def signed_note(size: int) -> str:
    body = Checkpoint(ORIGIN, size, bytes(32)).body()
    line = note_signature_line(ORIGIN, LOG.key.key_hash, LOG.sign(body.encode()))
    return f"{body}\n{line}"


BUNDLES = st.builds(
    Bundle,
    log=st.just(LOG.key),
    checkpoint=st.integers(0, 2**40).map(lambda size: parse_note(signed_note(size))),
    records=st.lists(
        st.builds(BundleRecord, NUMBER, TEXT.map(str.encode), PROOF),
        min_size=1,
        max_size=3,
    ).map(tuple),
    consistency=st.lists(
        st.builds(OlderHead, st.integers(1, 2**53 - 1), HASH, PROOF), max_size=2
    ).map(tuple),
    anchor=st.none()
    | st.builds(
        AnchorProof,
        chain_id=st.integers(1, 2**53 - 1),
        contract=st.binary(min_size=20, max_size=20),
        log_id=HASH,
        header=st.binary(max_size=40),
        index=st.integers(0, 1000),
        log_index=st.integers(0, 1000),
        proof=st.lists(st.binary(max_size=40), max_size=3).map(tuple),
    ),
    timestamps=st.lists(st.binary(max_size=40), max_size=2, unique=True).map(tuple),
    manifest=st.none() | st.binary(max_size=40),
    disclosed=st.lists(
        st.builds(DisclosedField, TEXT, VALUE, HASH, NUMBER, st.integers(1, 100), PROOF),
        max_size=2,
    ).map(tuple),
)


@given(BUNDLES)
def test_parse_inverts_dump(bundle: Bundle) -> None:
    raw = dump_bundle(bundle)
    assert parse_bundle(raw) == bundle
    assert rfc8785.dumps(json.loads(raw)) == raw


def test_entries_that_are_not_text_are_refused() -> None:
    records = (BundleRecord(0, b"{}\xff", ()),)
    with pytest.raises(BadBundleRequest, match="not UTF-8"):
        dump_bundle(Bundle(LOG.key, parse_note(signed_note(1)), records))


def test_bundles_above_the_limit_are_refused() -> None:
    note = parse_note(signed_note(1))
    huge = Bundle(LOG.key, note, (BundleRecord(0, b"x", ()),), manifest=bytes(26 << 20))
    with pytest.raises(BadBundleRequest, match="at most"):
        dump_bundle(huge)
