"""Errors can be shown anywhere, whatever hostile text stands in them."""

import pytest

from diptych_verify.errors import MalformedError, printable


@pytest.mark.parametrize("text", ["plain", "Zoë — ✓ 😀", "two\nlines\tand a tab"])
def test_honest_text_stays_as_it_is(text: str) -> None:
    assert printable(text) == text
    assert str(MalformedError(text, hint=text)) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;owned\x07", "\\x1b]0;owned\\x07"),
        ("a\rb\x7f\x9b", "a\\rb\\x7f\\x9b"),
        ("\u202etxt.exe", "\\u202etxt.exe"),
        ("\ud800", "\\ud800"),
    ],
)
def test_hostile_text_is_escaped(text: str, shown: str) -> None:
    error = MalformedError(text, hint=text)
    assert (error.message, error.hint, str(error)) == (shown, shown, shown)
    error.message.encode()


def test_long_text_is_cut() -> None:
    error = MalformedError("\x00" * 1_000_000)
    assert len(error.message) == 4097
    assert error.message.endswith("…")
