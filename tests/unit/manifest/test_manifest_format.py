"""The manifest text format: what is written can be read, and nothing else."""

import hashlib
import io
import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diptych.core.canonical import canonical_json
from diptych_verify.errors import MalformedError
from diptych_verify.manifest import (
    MAX_LINE_BYTES,
    ManifestEntry,
    ManifestHeader,
    ManifestWriter,
    entry_line,
    header_line,
    is_safe_path,
    read_manifest,
)
from diptych_verify.merkle import leaf_hash, merkle_root

DIGEST = hashlib.sha256(b"x").digest()
HEADER = b'{"algorithms":["sha256"],"format":"diptych-manifest/1"}\n'
LINE = b'["a",1,"' + DIGEST.hex().encode() + b'"]\n'

paths = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=30
).filter(is_safe_path)


def written(header: ManifestHeader, entries: list[ManifestEntry]) -> bytes:
    writer = ManifestWriter(header)
    return writer.start() + writer.block(entries)


@given(
    st.lists(st.tuples(paths, st.integers(0, 2**53 - 1)), unique_by=lambda pair: pair[0]),
    st.sampled_from([("sha256",), ("blake3",), ("sha256", "blake3")]),
)
def test_what_is_written_is_read_back(
    files: list[tuple[str, int]], algorithms: tuple[str, ...]
) -> None:
    entries = [
        ManifestEntry(path, size, (DIGEST,) * len(algorithms))
        for path, size in sorted(files, key=lambda pair: pair[0].encode())
    ]
    text = written(ManifestHeader(algorithms), entries)

    reader = read_manifest(io.BytesIO(text))

    assert list(reader) == entries
    assert reader.header.algorithms == algorithms
    summary = reader.summary()
    assert summary.files == len(entries)
    assert summary.total_bytes == sum(size for _, size in files)
    assert summary.object_digest == hashlib.sha256(text).digest()
    assert summary.root == merkle_root(leaf_hash(entry_line(entry)) for entry in entries)


@given(paths)
def test_a_line_is_canonical_json(path: str) -> None:
    line = entry_line(ManifestEntry(path, 7, (DIGEST,)))

    assert line == canonical_json([path, 7, DIGEST.hex()])
    assert json.loads(line) == [path, 7, DIGEST.hex()]


def test_header_names_the_ignore_file_only_if_one_was_applied() -> None:
    assert header_line(ManifestHeader()) + b"\n" == HEADER
    named = header_line(ManifestHeader(("sha256",), ".diptychignore"))
    assert json.loads(named)["ignore"] == ".diptychignore"


def line(path: str, size: str = "1", digest: str = DIGEST.hex()) -> bytes:
    return f'["{path}",{size},"{digest}"]\n'.encode()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (b"", 1),
        (b"\n", 1),
        (HEADER[:-1], 1),
        (HEADER.replace(b"/1", b"/2"), 1),
        (HEADER.replace(b"sha256", b"md5"), 1),
        (b'{"format":"diptych-manifest/1","algorithms":["sha256"]}\n', 1),
        (b'{"algorithms":["sha256"],"format":"diptych-manifest/1","ignore":".."}\n', 1),
        (b'{"algorithms":["sha256"],"format":"diptych-manifest/1","ignore":"a/b"}\n', 1),
        (b"\xff" + HEADER, 1),
        (HEADER + LINE[:-1], 2),
        (HEADER + b"\n", 2),
        (HEADER + LINE + LINE, 3),
        (HEADER + line("b") + line("a"), 3),
        (HEADER + line("a", "01"), 2),
        (HEADER + line("a", "-1"), 2),
        (HEADER + line("a", "1.0"), 2),
        (HEADER + line("a", "9007199254740992"), 2),
        (HEADER + line("a", "9" * 5000), 2),
        (HEADER + line("a", digest="00"), 2),
        (HEADER + line("a", digest=DIGEST.hex().upper()), 2),
        (HEADER + LINE.replace(b'"]', b'","' + DIGEST.hex().encode() + b'"]'), 2),
        (HEADER + LINE.replace(b",", b", "), 2),
        (HEADER + b"[" * 10_000 + b"\n", 2),
        (HEADER + b"\xef\xbb\xbf" + LINE, 2),
        (HEADER + LINE.replace(b"a", b"\xff", 1), 2),
        (HEADER + LINE.replace(b"\n", b"\r\n"), 2),
        (HEADER + line("\\u0061"), 2),
        (HEADER + line("\\ud800"), 2),
        (HEADER + line("\\u0000"), 2),
        (HEADER + line("\\/a"), 2),
        (HEADER + line(""), 2),
        (HEADER + line("/a"), 2),
        (HEADER + line("a/"), 2),
        (HEADER + line("a//b"), 2),
        (HEADER + line("."), 2),
        (HEADER + line("../a"), 2),
        (HEADER + line("a/../b"), 2),
        (HEADER + line("a" * MAX_LINE_BYTES), 2),
    ],
)
def test_anything_else_is_refused_with_its_line(text: bytes, number: int) -> None:
    with pytest.raises(MalformedError) as caught:
        list(read_manifest(io.BytesIO(text)))

    assert caught.value.details["line"] == number


def test_a_named_ignore_file_must_itself_be_sealed() -> None:
    header = ManifestHeader(("sha256",), ".ignore")
    sealed = written(header, [ManifestEntry(".ignore", 1, (DIGEST,))])
    unsealed = written(header, [ManifestEntry("other", 1, (DIGEST,))])

    assert len(list(read_manifest(io.BytesIO(sealed)))) == 1
    with pytest.raises(MalformedError, match="not itself sealed"):
        list(read_manifest(io.BytesIO(unsealed)))


@given(st.binary(max_size=300))
def test_random_bytes_are_refused(noise: bytes) -> None:
    for text in (noise, HEADER + noise, HEADER + LINE + noise):
        with suppress(MalformedError):
            list(read_manifest(io.BytesIO(text)))
            assert text in {HEADER, HEADER + LINE}


@given(st.integers(0, len(HEADER + LINE) - 1), st.integers(1, 255))
def test_one_changed_byte_is_refused_or_changes_root_or_object(place: int, flip: int) -> None:
    text = bytearray(HEADER + LINE)
    before = read_manifest(io.BytesIO(bytes(text)))
    list(before)
    text[place] ^= flip
    try:
        after = read_manifest(io.BytesIO(bytes(text)))
        list(after)
    except MalformedError:
        return
    assert after.summary().object_digest != before.summary().object_digest
    if place >= len(HEADER):
        assert after.summary().root != before.summary().root
