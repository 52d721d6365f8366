"""Bundles: syntax. One wrong field anywhere is refused before anything is believed."""

import contextlib
import copy
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.verify.chain_maker import anchor_block
from tests.unit.verify.maker import FILES, Json, b64, canonical, manifest_of, sample_log
from tests.unit.verify.maker import sample_bundle as sample

from diptych_verify.bundle import parse_bundle
from diptych_verify.errors import DiptychError, MalformedError
from diptych_verify.verify import verify_bundle

LOG = sample_log()
FULL: Json = {
    **sample(LOG),
    "consistency": [LOG.head(5)],
    "anchor": anchor_block(LOG).evidence(),
    "timestamps": [b64(b"token")],
    "manifest": b64(manifest_of(FILES)),
    "disclosed": [
        {
            "name": "n",
            "value": {"x": [1]},
            "salt": b64(bytes(32)),
            "index": 0,
            "leaves": 1,
            "proof": "",
        }
    ],
}


def test_every_part_is_read() -> None:
    bundle = parse_bundle(canonical(FULL))
    assert [record.index for record in bundle.records] == [4, 1, 0, 3]
    assert bundle.anchor is not None
    assert bundle.anchor.chain_id == 1
    assert bundle.consistency[0].size == 5
    assert bundle.disclosed[0].value == {"x": [1]}
    minimal = parse_bundle(canonical(sample(LOG)))
    assert (minimal.anchor, minimal.manifest, minimal.disclosed) == (None, None, ())


def paths(value: object, prefix: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [prefix] if prefix else []
    if isinstance(value, dict):
        for key in value:
            found += paths(value[key], (*prefix, key))
    elif isinstance(value, list):
        for index in range(min(len(value), 2)):
            found += paths(value[index], (*prefix, index))
    return found


def replaced(path: tuple[str | int, ...], value: object) -> Json:
    altered = copy.deepcopy(FULL)
    target: object = altered
    for step in path[:-1]:
        target = target[step]  # type: ignore[index]
    if value is ...:
        del target[path[-1]]  # type: ignore[attr-defined]
    else:
        target[path[-1]] = value  # type: ignore[index]
    return altered


def opaque(path: tuple[str | int, ...]) -> bool:
    """A disclosed value may be any JSON."""
    return path[:1] == ("disclosed",) and "value" in path


@pytest.mark.parametrize("path", [p for p in paths(FULL) if not opaque(p)], ids=str)
def test_wrong_types_are_refused_everywhere(path: tuple[str | int, ...]) -> None:
    values: list[object] = [None, True, -1, 1.5, {}, {"x": 1}, [[[]]], [{}]]
    if path[-1] not in {"name", "envelope"}:
        values.append("\x00")
    for value in values:
        with pytest.raises(MalformedError):
            parse_bundle(canonical(replaced(path, value)))


@pytest.mark.parametrize(
    "path", [p for p in paths(FULL) if isinstance(p[-1], str) and not opaque(p)], ids=str
)
def test_missing_and_unknown_fields_are_refused(path: tuple[str | int, ...]) -> None:
    unknown = replaced((*path[:-1], "unknown"), 1)
    with pytest.raises(MalformedError, match="unknown"):
        parse_bundle(canonical(unknown))
    if len(path) > 1 or path[0] in {"format", "log", "checkpoint", "records"}:
        with pytest.raises(MalformedError, match="missing"):
            parse_bundle(canonical(replaced(path, ...)))


def test_limits() -> None:
    with pytest.raises(MalformedError):
        parse_bundle(canonical(replaced(("records",), [])))
    with pytest.raises(MalformedError):
        parse_bundle(canonical(replaced(("consistency",), [])))
    with pytest.raises(MalformedError):
        parse_bundle(canonical(replaced(("timestamps",), [b64(b"t")] * 2)))
    with pytest.raises(MalformedError):
        parse_bundle(canonical(replaced(("timestamps",), [])))
    with pytest.raises(MalformedError):
        parse_bundle(canonical(replaced(("records", 0, "proof"), b64(bytes(32 * 65)))))
    with pytest.raises(MalformedError):
        parse_bundle(canonical(replaced(("records", 0, "proof"), b64(bytes(33)))))
    with pytest.raises(MalformedError):
        parse_bundle(canonical(FULL) + b"\n{}")
    with pytest.raises(MalformedError):
        parse_bundle(b" " * ((32 << 20) + 1))
    with pytest.raises(MalformedError):
        parse_bundle(b"[" + b"[]," * 1_100_000 + b"[]]")


def test_envelope_is_text_that_encodes_back_to_the_logged_bytes() -> None:
    for text in ("{}", 'Zoë "\\ \n\x00\U0001f600', "é" * 32_767):
        bundle = parse_bundle(canonical(replaced(("records", 0, "envelope"), text)))
        assert bundle.records[0].envelope == text.encode()
    marked = canonical(replaced(("records", 0, "envelope"), "mark"))
    for raw in (b"\\ud800", b"\\udc00\\ud800", b"\xed\xa0\x80", b"\xff", b"\xc3"):
        with pytest.raises(MalformedError):
            parse_bundle(marked.replace(b'"mark"', b'"' + raw + b'"'))
    for text in ("x" * 65_536, "é" * 32_768):
        with pytest.raises(MalformedError):
            parse_bundle(canonical(replaced(("records", 0, "envelope"), text)))


@given(st.binary(max_size=100))
def test_arbitrary_bytes_never_raise_anything_else(raw: bytes) -> None:
    with contextlib.suppress(MalformedError):
        parse_bundle(raw)


def test_mutated_bundles_never_raise_anything_else() -> None:
    raw = canonical(FULL)
    source = random.Random(7)
    for _ in range(1500):
        altered = bytearray(raw)
        for _ in range(source.randrange(1, 4)):
            position = source.randrange(len(altered))
            action = source.randrange(3)
            if action == 0:
                altered[position] = source.randrange(256)
            elif action == 1:
                del altered[position : position + source.randrange(1, 30)]
            else:
                altered[position:position] = altered[: source.randrange(1, 30)]
        with contextlib.suppress(DiptychError):
            verify_bundle(bytes(altered))
