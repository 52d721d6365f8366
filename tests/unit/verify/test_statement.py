"""Statements: the kinds we know are checked field by field, others keep the common frame."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.verify.maker import (
    ALICE,
    BOB,
    FILES,
    Json,
    canonical,
    dataset_statement,
    envelope,
    key_statement,
    manifest_of,
    statement,
)

from diptych_verify.dsse import parse_envelope
from diptych_verify.errors import MalformedError
from diptych_verify.statement import parse_statement, statement_of

DATASET = dataset_statement(
    manifest_of(FILES),
    {"rel": "derivedFrom", "record": "ab" * 32},
    {"rel": "attributedTo", "role": "owner", "share": "0.5", "who": "Hospital A"},
)
PRIVATE = statement(
    "private",
    {"private": {"root": "cd" * 32, "object": "ef" * 32}},
    name="private",
    digest={"diptychPrivate1": "cd" * 32},
)
KEY = key_statement("rotate", BOB, replaces=ALICE)


def test_known_kinds_are_read() -> None:
    data = parse_statement(canonical(DATASET))
    assert data.manifest is not None
    assert (data.kind, data.manifest.files, data.subjects[0].name) == ("dataset", 3, "patients")
    assert data.edges[0].record == bytes.fromhex("ab" * 32)
    assert data.edges[1].record is None
    assert data.edges[1].extra["share"] == "0.5"
    private = parse_statement(canonical(PRIVATE)).private
    assert private is not None
    assert private.root.hex() == "cd" * 32
    key = parse_statement(canonical(KEY)).key
    assert key is not None
    assert (key.action, key.keyid, key.replaces) == ("rotate", BOB.keyid, ALICE.keyid)


def test_later_kinds_keep_the_frame() -> None:
    found = parse_statement(canonical(statement("audit-report", {"anything": {"x": [1]}})))
    assert found.kind == "audit-report"
    assert found.predicate["anything"] == {"x": [1]}


def changed(base: Json, path: str, value: object) -> Json:
    """Return a deep copy with one field replaced, or removed where the value is `...`."""
    head, _, rest = path.partition(".")
    copy: Json = dict(base)
    if rest:
        inner = base[head]
        key = int(rest.split(".")[0]) if isinstance(inner, list) else None
        if key is None:
            copy[head] = changed(inner, rest, value)
        else:
            items = list(inner)
            items[key] = changed(items[key], rest.partition(".")[2], value)
            copy[head] = items
    elif value is ...:
        copy.pop(head)
    else:
        copy[head] = value
    return copy


@pytest.mark.parametrize(
    ("base", "path", "value"),
    [
        (DATASET, "_type", "https://in-toto.io/Statement/v0.1"),
        (DATASET, "_type", ...),
        (DATASET, "extra", 1),
        (DATASET, "predicateType", "urn:diptych:dataset:2"),
        (DATASET, "predicateType", "urn:diptych::1"),
        (DATASET, "predicateType", "urn:diptych:Data:1"),
        (DATASET, "predicateType", "urn:diptych:dataset:1\n"),
        (DATASET, "subject", []),
        (DATASET, "subject", {}),
        (DATASET, "subject.0.name", 1),
        (DATASET, "subject.0.extra", 1),
        (DATASET, "subject.0.digest", {}),
        (DATASET, "subject.0.digest", {"sha256": "AB"}),
        (DATASET, "subject.0.digest", {"sha256": ""}),
        (DATASET, "subject.0.digest", {"sha 256": "ab"}),
        (DATASET, "subject.0.digest", {"sha256": "ab" * 32}),
        (DATASET, "subject.0.digest", {"diptychManifest1": "00" * 32}),
        (DATASET, "predicate.time", "yesterday"),
        (DATASET, "predicate.time", "2026-13-01T00:00:00Z"),
        (DATASET, "predicate.time", "2026-11-23T09:00:00+01:00"),
        (DATASET, "predicate.time", ...),
        (DATASET, "predicate.edges", ...),
        (DATASET, "predicate.edges", {}),
        (DATASET, "predicate.edges.0.rel", "likes"),
        (DATASET, "predicate.edges.0.record", "ab"),
        (DATASET, "predicate.edges.0.record", ...),
        (DATASET, "predicate.manifest", ...),
        (DATASET, "predicate.manifest.algorithms", []),
        (DATASET, "predicate.manifest.algorithms", ["md5"]),
        (DATASET, "predicate.manifest.algorithms", ["blake3", "sha256"]),
        (DATASET, "predicate.manifest.root", "00" * 32),
        (DATASET, "predicate.manifest.files", -1),
        (DATASET, "predicate.manifest.bytes", 1.5),
        (DATASET, "predicate.manifest.object", "xyz"),
        (PRIVATE, "predicate.private.root", "00" * 32),
        (PRIVATE, "predicate.private.object", ...),
        (KEY, "predicate.action", "steal"),
        (KEY, "predicate.purpose", "log"),
        (KEY, "predicate.purpose", ...),
        (KEY, "predicate.keyid", "ed25519:00"),
        (KEY, "predicate.replaces", ...),
        (KEY, "predicate.replaces", "x"),
        (KEY, "predicate.action", "add"),
        (KEY, "predicate.more", 1),
    ],
)
def test_one_wrong_field_is_refused(base: Json, path: str, value: object) -> None:
    parse_statement(canonical(base))
    with pytest.raises(MalformedError):
        parse_statement(canonical(changed(base, path, value)))


def test_only_in_toto_payloads_are_statements() -> None:
    assert statement_of(parse_envelope(envelope(KEY, ALICE))).key is not None
    other = envelope(KEY, ALICE).replace(b"vnd.in-toto+json", b"vnd.something+js")
    with pytest.raises(MalformedError):
        statement_of(parse_envelope(other))


@given(st.binary(max_size=200))
def test_arbitrary_bytes_never_raise_anything_else(raw: bytes) -> None:
    with contextlib.suppress(MalformedError):
        parse_statement(raw)
