"""Whatever an endpoint answers, it is read or refused with a code: no other exception comes out."""

import contextlib
import os

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.ledger.fuzzing import CORPUS, fuzz

from diptych.core.errors import DiptychError
from diptych.ledger.answers import decode_answer
from diptych.ledger.errors import MalformedAnswer
from diptych.ledger.masking import clean_text, masked_url

COUNT = int(os.environ.get("DIPTYCH_TEST_FUZZ", "5000"))


def test_mutated_answers() -> None:
    refused = fuzz(COUNT, seed=11)
    assert COUNT / 2 < refused < COUNT


def test_the_corpus_itself_is_read() -> None:
    failing = []
    for value, reader in CORPUS:
        try:
            reader(value)
        except DiptychError as error:
            failing.append(error.code)
    # Only the header's hash is invented.
    assert failing == ["Chain.ProofMismatch"]


@given(st.binary(max_size=200))
def test_random_bytes(body: bytes) -> None:
    with contextlib.suppress(MalformedAnswer):
        decode_answer(body, max_bytes=100, max_depth=8)


@given(st.text(max_size=200))
def test_text_is_always_showable(text: str) -> None:
    assert clean_text(text, ("secret",)).isprintable() or "\n" not in clean_text(text)
    assert isinstance(masked_url(text), str)
