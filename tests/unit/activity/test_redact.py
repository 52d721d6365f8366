"""Secrets are masked, and what only looks like one in training is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diptych.provenance.activity.redact import MASK, Redactor, is_secret_name

SECRET_NAMES = (
    *("password", "PASSWORD", "db_passwd", "passphrase", "apiKey", "api_key", "OPENAI_API_KEY"),
    *("token", "hf_token", "accessToken", "auth_tokens", "client_secret", "aws_secret_access_key"),
    *("private_key", "wallet-key", "mnemonic", "cookie", "Authorization", "connectionString"),
)
PLAIN_NAMES = (
    *("max_depth", "pad_token", "eos_token", "tokenizer", "token_count", "sort_key", "keys"),
    *("n_passes", "secretion_rate", "compass", "author", "bypass_x", "tokenized"),
)


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_secret_name(name: str) -> None:
    assert is_secret_name(name, "value")
    assert Redactor({}).named(name, "value") == MASK


@pytest.mark.parametrize("name", PLAIN_NAMES)
def test_plain_name(name: str) -> None:
    assert not is_secret_name(name, "value")
    assert Redactor({}).named(name, "value") == "value"


@pytest.mark.parametrize("name", ["max_tokens", "num_token"])
def test_numbers_of_tokens_are_no_secrets(name: str) -> None:
    assert not is_secret_name(name, 512)


SECRETS = (
    "https://ada:hunter2@example.org/x",
    "https://hunter2@example.org/x",
    "s3://bucket/x?X-Amz-Signature=hunter2&part=1",
    "https://example.org/?access_token=hunter2",
    "ghp_hunter2" + "a" * 30,
    "sk-hunter2" + "a" * 20,
    "eyJhbGciOiJI.hunter2aaaa.bbb",
    "-----BEGIN EC PRIVATE KEY-----\nhunter2",
)


@pytest.mark.parametrize("text", SECRETS)
def test_secret_in_a_text(text: str) -> None:
    shown = Redactor({}).text(f"before {text} after")
    assert "hunter2" not in shown
    assert MASK in shown
    assert shown.startswith("before ")


@pytest.mark.parametrize(
    "text", ["https://example.org/a?page=2", "a@b.org", "0x" + "ab" * 32, "lr=0.1", "s3://b/k"]
)
def test_plain_text_stays(text: str) -> None:
    assert Redactor({}).text(text) == text


def test_value_of_a_secret_variable_is_masked_wherever_it_is() -> None:
    redactor = Redactor({"MY_TOKEN": "abcdef123", "PATH": "/usr/bin", "SHORT_TOKEN": "abc"})
    assert redactor.text("x abcdef123 /usr/bin abc") == f"x {MASK} /usr/bin abc"


def test_home_folder_reads_tilde() -> None:
    assert Redactor({}, home="/srv/ada").text("/srv/ada/data.csv") == "~/data.csv"


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["--token", "x", "--lr", "1"], ["--token", MASK, "--lr", "1"]),
        (["--token=x"], [f"--token={MASK}"]),
        (["--password", "--token", "x"], ["--password", "--token", MASK]),
        (["-v", "password"], ["-v", "password"]),
        (["--url=https://a:b@c"], [f"--url=https://{MASK}@c"]),
    ],
)
def test_arguments_of_a_program(words: list[str], shown: list[str]) -> None:
    assert Redactor({}).words(words) == shown


@given(st.text(max_size=200), st.dictionaries(st.text(max_size=20), st.text(max_size=20)))
def test_any_text_can_be_masked_and_stays_masked(text: str, environ: dict[str, str]) -> None:
    redactor = Redactor(environ, home="/srv/ada")
    once = redactor.text(text)
    assert len(redactor.words(text.split())) == len(text.split())
    assert isinstance(redactor.text(once), str)
