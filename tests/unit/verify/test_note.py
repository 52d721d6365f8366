"""Signed notes, checkpoints and cosignatures: the C2SP formats, and every way to get them wrong."""

import contextlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.verify.maker import EdwardsKey, TinyLog, Witness, sample_log

from diptych_verify.errors import BadSignature, MalformedError, UntrustedKey
from diptych_verify.note import (
    COSIGNATURE,
    Checkpoint,
    VerifierKey,
    parse_note,
    verify_checkpoint,
    verify_cosignature,
)

LOG = sample_log()
NOTE = LOG.note()
# From the documentation of golang.org/x/mod/sumdb/note.
PETERNEUMANN = VerifierKey.parse(
    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
)
PETERNEUMANN_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdn"
    "gotpRZb6KE6RyyBwJnAM=\n"
)


def test_checkpoint_reads_back() -> None:
    assert verify_checkpoint(NOTE, LOG.key) == LOG.checkpoint()
    assert str(parse_note(NOTE)) == NOTE
    assert Checkpoint.parse(LOG.checkpoint().body()) == LOG.checkpoint()
    assert VerifierKey.parse(str(LOG.key)) == LOG.key


def test_key_hash_and_note_of_another_implementation() -> None:
    assert PETERNEUMANN.key_hash.hex() == "c74f20a3"
    note = parse_note(PETERNEUMANN_NOTE)
    assert note.signatures[0].key_hash == PETERNEUMANN.key_hash
    # Verified with the library alone: this note is no checkpoint.
    public = Ed25519PublicKey.from_public_bytes(PETERNEUMANN.public_key)
    public.verify(note.signatures[0].signature, note.body.encode())


@pytest.mark.parametrize("position", range(0, len(NOTE), 7))
def test_no_altered_character_passes(position: int) -> None:
    altered = NOTE[:position] + chr(ord(NOTE[position]) ^ 1) + NOTE[position + 1 :]
    with pytest.raises((MalformedError, BadSignature, UntrustedKey)):
        verify_checkpoint(altered, LOG.key)


def test_other_keys_are_not_the_log() -> None:
    stranger = VerifierKey(LOG.origin, EdwardsKey(7).public)
    with pytest.raises(UntrustedKey):
        verify_checkpoint(NOTE, stranger)
    with pytest.raises(UntrustedKey):
        verify_checkpoint(NOTE, VerifierKey("other", LOG.signer.public))
    with pytest.raises(MalformedError):
        verify_checkpoint(NOTE, VerifierKey(LOG.origin, LOG.signer.public, COSIGNATURE))


def test_origin_must_be_the_key_name() -> None:
    stolen = TinyLog(origin="victim", signer=EdwardsKey(7))
    body = stolen.checkpoint().body()
    mallory = TinyLog(origin="mallory", signer=EdwardsKey(7))
    line = mallory.note().split("\n\n")[1]
    with pytest.raises((UntrustedKey, BadSignature)):
        verify_checkpoint(f"{body}\n{line}", mallory.key)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "origin\n",
        "origin\n1\n",
        "origin\n1\nAA==\n",
        f"origin\n01\n{'A' * 43}=\n",
        f"origin\n-1\n{'A' * 43}=\n",
        f"origin\n+1\n{'A' * 43}=\n",
        f"origin\n1 \n{'A' * 43}=\n",
        f"origin\n9223372036854775808\n{'A' * 43}=\n",
        f"origin\n{'9' * 5000}\n{'A' * 43}=\n",
        f"\n1\n{'A' * 43}=\n",
        f"two words\n1\n{'A' * 43}=\n",
        f"a+b\n1\n{'A' * 43}=\n",
        f"origin\n1\n{'A' * 42}B=\n",
        f"origin\n1\n{'A' * 43}=\nextension\n",
        f"origin\n1\n{'A' * 43}=",
    ],
)
def test_malformed_checkpoint_bodies(body: str) -> None:
    with pytest.raises(MalformedError):
        Checkpoint.parse(body)


@pytest.mark.parametrize(
    "note",
    [
        "",
        "body\n",
        "body\n\n",
        "body\n\n— name",
        "body\n\n— name QUJDREU=",
        "body\n\n- name QUJDREU=\n",
        "body\n\n—  QUJDREU=\n",
        "body\n\n— a+b QUJDREU=\n",
        "body\n\n— name QUJDRA==\n",
        "body\n\n— name QUJDREU=\nrest\n",
        "body\n\n— name QUJDREU=\n— name QUJDREU=\n",
        "bo\tdy\n\n— name QUJDREU=\n",
        "body\r\n\n— name QUJDREU=\n",
        "bo\x00dy\n\n— name QUJDREU=\n",
        "bo\ud800dy\n\n— name QUJDREU=\n",
        "x" * 70_000,
        "body\n\n" + "".join(f"— n{i} QUJDREU=\n" for i in range(65)),
    ],
)
def test_malformed_notes(note: str) -> None:
    with pytest.raises(MalformedError):
        parse_note(note)
    with pytest.raises(MalformedError):
        parse_note(note.encode(errors="surrogatepass"))


def test_malformed_verifier_keys() -> None:
    name, hash_text, key = str(LOG.key).split("+", 2)
    for text in (
        "",
        name,
        f"{name}+{hash_text}",
        f"{name}+00000000+{key}",
        f"{name}+{hash_text.upper()}+{key}",
        f"{name}+{hash_text}+",
        f"{name}+{hash_text}+AAAA",
        f"bad name+{hash_text}+{key}",
        f"{name}+{hash_text}+{key}=",
        f"{name}\ud800+{hash_text}+{key}",
        "x" * 600,
    ):
        with pytest.raises(MalformedError):
            VerifierKey.parse(text)
    with pytest.raises(MalformedError):
        VerifierKey("name", bytes(32), 2)
    with pytest.raises(MalformedError):
        VerifierKey("name", bytes(31))


def test_cosignature_gives_the_time_of_a_witness() -> None:
    witness = Witness()
    note = NOTE + witness.line(LOG.checkpoint().body(), 1_700_000_000)
    seen = verify_cosignature(note, witness.key)
    assert (seen.name, seen.time_s) == ("witness.example", 1_700_000_000)
    assert verify_checkpoint(note, LOG.key) == LOG.checkpoint()


def test_cosignatures_of_other_bodies_times_or_keys_are_refused() -> None:
    witness = Witness()
    body = LOG.checkpoint().body()
    with pytest.raises(UntrustedKey):
        verify_cosignature(NOTE, witness.key)
    with pytest.raises(BadSignature):
        verify_cosignature(NOTE + witness.line(LOG.checkpoint(3).body(), 5), witness.key)
    signed = parse_note(NOTE + witness.line(body, 5))
    late = signed.signatures[1]
    moved = type(late)(late.name, late.key_hash, b"\0" * 7 + b"\x06" + late.signature[8:])
    with pytest.raises(BadSignature):
        verify_cosignature(type(signed)(signed.body, (moved,)), witness.key)
    short = type(late)(late.name, late.key_hash, late.signature[8:])
    with pytest.raises(MalformedError):
        verify_cosignature(type(signed)(signed.body, (short,)), witness.key)
    with pytest.raises(MalformedError):
        verify_cosignature(NOTE, LOG.key)
    beyond = type(late)(late.name, late.key_hash, b"\xff" * 8 + late.signature[8:])
    with pytest.raises(MalformedError):
        verify_cosignature(type(signed)(signed.body, (beyond,)), witness.key)


@given(st.text(max_size=120))
def test_arbitrary_text_never_raises_anything_else(text: str) -> None:
    with contextlib.suppress(MalformedError):
        parse_note(text)
    with contextlib.suppress(MalformedError):
        VerifierKey.parse(text)
    with contextlib.suppress(MalformedError):
        Checkpoint.parse(text)
