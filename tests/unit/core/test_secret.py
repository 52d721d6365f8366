"""A secret shows itself to nobody who does not ask for it by name."""

import logging
import traceback

import pytest

from diptych.core.secret import Secret

TEXT = "correct horse battery staple"


def test_only_reveal_gives_it_away(caplog: pytest.LogCaptureFixture) -> None:
    secret = Secret(TEXT)
    with caplog.at_level(logging.INFO):
        logging.getLogger("test").info("%s %r", secret, [secret])
    assert secret.reveal() == TEXT
    assert TEXT not in f"{secret} {secret!r} {(secret,)}" + caplog.text


def test_it_is_not_in_a_traceback() -> None:
    with pytest.raises(ValueError, match="Secret") as caught:
        raise ValueError(Secret(TEXT))
    assert TEXT not in "".join(traceback.format_exception(caught.value))


def test_equal_secrets_are_equal_and_others_are_not() -> None:
    assert Secret(TEXT) == Secret(TEXT)
    assert hash(Secret(TEXT)) == hash(Secret(TEXT))
    assert Secret(TEXT) != Secret(f"{TEXT}!")
    assert Secret("\udcff") != Secret("\udcfe")
    assert Secret(TEXT) != TEXT
