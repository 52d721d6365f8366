"""The share file by itself: what goes in comes out, and hostile files get nowhere."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from coincurve import PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from diptych.app.verbs.data.received_content import write_content
from diptych.app.verbs.data.share_claim import WrongShare
from diptych.core.secret import Secret
from diptych.provenance.sharing import Identity, open_share, parse_recipient, write_share
from diptych.provenance.sharing.container import MAGIC, BadShare, ShareStream
from diptych.provenance.sharing.recipients import ECIES, fingerprint, read_identity
from diptych_verify.bundle import parse_bundle
from diptych_verify.errors import MalformedError, VerificationError

KEY = PrivateKey(b"\x05" * 32)
RECIPIENT = parse_recipient(KEY.public_key.format().hex())
IDENTITY = Identity(ECIES, Secret(KEY.to_hex()))
GOLDEN = Path(__file__).parents[2] / "golden" / "v1" / "disclosed.diptych.json"


def made(bundles: tuple[bytes, bytes], content: list[bytes], token: bytes = bytes(32)) -> bytes:
    target = io.BytesIO()
    write_share(target, [(RECIPIENT, token)], bundles, iter(content))
    return target.getvalue()


def read_all(raw: bytes) -> None:
    opened = open_share(io.BytesIO(raw), IDENTITY)
    list(opened.content.take(7))
    opened.content.require_end()


@settings(max_examples=25)
@given(st.binary(max_size=300), st.binary(max_size=300), st.lists(st.binary(max_size=200)))
def test_what_goes_in_comes_out(share: bytes, subject: bytes, content: list[bytes]) -> None:
    opened = open_share(io.BytesIO(made((share, subject), content)), IDENTITY)
    assert (opened.share, opened.subject, opened.recipient) == (share, subject, RECIPIENT.text)
    for piece in content:
        assert b"".join(opened.content.take(len(piece))) == piece
    opened.content.require_end()


@settings(max_examples=60)
@given(st.data())
def test_every_altered_or_shortened_file_is_refused(data: st.DataObject) -> None:
    raw = bytearray(made((b"share", b"subject"), [b"content"]))
    at = data.draw(st.integers(0, len(raw) - 1))
    bad = raw[:at] if data.draw(st.booleans()) else raw
    if bad is raw:
        raw[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(VerificationError) as caught:
        read_all(bytes(bad))
    assert caught.value.code in {"Share.Damaged", "Share.NotForUs", "Verify.Malformed"}


def test_bytes_after_the_content_are_refused() -> None:
    opened = open_share(io.BytesIO(made((b"a", b"b"), [b"content", b"more"])), IDENTITY)
    assert b"".join(opened.content.take(7)) == b"content"
    with pytest.raises(BadShare, match="more than what it proves"):
        opened.content.require_end()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"PK\x03\x04" + bytes(40),
        MAGIC,
        MAGIC + b"\xff\xff\xff\xff",
        MAGIC + (12).to_bytes(4, "big") + b'{"boxes":[]}',
        MAGIC
        + (60).to_bytes(4, "big")
        + b'{"boxes":[{"box":"AA==","kind":"age"}],"x":'
        + bytes(17),
    ],
)
def test_other_files_are_refused(raw: bytes) -> None:
    with pytest.raises((BadShare, MalformedError)):
        open_share(io.BytesIO(raw), IDENTITY)


def test_part_that_claims_to_be_huge_is_refused_before_it_is_read() -> None:
    stream = ShareStream(iter([b"\xff\xff\xff\xff"]))
    with pytest.raises(BadShare, match="expected at most"):
        stream.part(1000)


@pytest.mark.parametrize("path", ["../out", "/out", "a/../../out", "..", "", "a\\..\\out", "a\0b"])
def test_paths_that_lead_elsewhere_are_refused(path: str, tmp_path: Path) -> None:
    bundle = parse_bundle(GOLDEN.read_bytes())
    hostile = replace(bundle.disclosed[0], name="file", value=[path, 3, "00" * 32])
    folder = tmp_path / "in" / "side"
    folder.parent.mkdir()
    content = ShareStream(iter([b"abc"]))
    with pytest.raises((WrongShare, MalformedError)):
        write_content(folder, replace(bundle, disclosed=(hostile,)), content)
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == []


def test_honest_path_is_written(tmp_path: Path) -> None:
    bundle = parse_bundle(GOLDEN.read_bytes())
    honest = replace(bundle.disclosed[0], name="file", value=["sub/out", 3, "00" * 32])
    write_content(
        tmp_path / "in", replace(bundle, disclosed=(honest,)), ShareStream(iter([b"abc"]))
    )
    assert (tmp_path / "in" / "sub" / "out").read_bytes() == b"abc"


def test_fingerprint_needs_the_token() -> None:
    one, two = fingerprint(bytes(32), "age1x"), fingerprint(b"\x01" * 32, "age1x")
    assert one != two
    assert one != fingerprint(bytes(32), "age1y")


@pytest.mark.parametrize(
    "text", ["02" + KEY.public_key.format().hex()[2:], KEY.public_key.format(False).hex()]
)
def test_one_secp256k1_key_has_one_text(text: str) -> None:
    plain = KEY.public_key.format().hex()
    expected = f"secp256k1:{plain if not text.startswith('02') else '02' + plain[2:]}"
    assert parse_recipient("0x" + text).text == expected


@pytest.mark.parametrize("raw", [b"", b"hello", b"\xff\xfe", b"12" * 31, b"AGE-SECRET-KEY-1QQ"])
def test_files_without_a_private_key_are_refused(raw: bytes) -> None:
    with pytest.raises(Exception, match="identity file") as caught:
        read_identity(raw)
    assert getattr(caught.value, "code", "") == "Share.BadIdentity"


def test_private_key_is_never_shown() -> None:
    assert KEY.to_hex() not in repr(read_identity(KEY.to_hex().encode()))
