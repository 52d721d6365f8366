"""Settings: which source wins, where a value came from, what is refused, what is masked."""

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from diptych.core.settings import BadSetting, SettingOrigin, load_settings

SECRET = "correct horse battery staple"


def _toml(folder: Path, text: str) -> Path:
    path = folder / "diptych.toml"
    path.write_text(text, encoding="utf-8")
    return path


def _row(rows: list[SettingOrigin], name: str) -> SettingOrigin:
    (row,) = (row for row in rows if row.name == name)
    return row


def test_defaults_need_no_source() -> None:
    settings, rows = load_settings(environ={})
    assert settings.seal.digest == "sha256"
    assert {row.origin for row in rows} == {"default"}
    assert all(row.description for row in rows)


def test_a_missing_file_is_no_error(tmp_path: Path) -> None:
    settings, _ = load_settings(tmp_path / "absent.toml", environ={})
    assert settings.chain.profile == "embedded"


@pytest.mark.parametrize(
    ("toml", "environ", "overrides", "value", "origin"),
    [
        ("", {}, {}, 2, "default"),
        ("[seal]\nworkers = 3", {}, {}, 3, "file"),
        ("[seal]\nworkers = 3", {"DIPTYCH_SEAL__WORKERS": "4"}, {}, 4, "environment"),
        ("[seal]\nworkers = 3", {"DIPTYCH_SEAL__WORKERS": "4"}, {"seal.workers": 5}, 5, "argument"),
        ("[seal]\nworkers = 3", {}, {"seal.workers": 5}, 5, "argument"),
    ],
)
def test_the_nearer_source_wins_and_is_named(
    tmp_path: Path,
    toml: str,
    environ: dict[str, str],
    overrides: dict[str, object],
    value: int,
    origin: str,
) -> None:
    path = _toml(tmp_path, toml)
    settings, rows = load_settings(path, environ=environ, overrides=overrides)
    assert settings.seal.workers == value
    row = _row(rows, "seal.workers")
    assert (row.value, row.origin) == (str(value), str(path) if origin == "file" else origin)


def test_sources_merge_key_by_key(tmp_path: Path) -> None:
    path = _toml(tmp_path, '[seal]\ndigest = "blake3"\nworkers = 3')
    settings, _ = load_settings(path, environ={"DIPTYCH_SEAL__WORKERS": "7"})
    assert (settings.seal.digest, settings.seal.workers) == ("blake3", 7)


def test_the_real_environment_is_the_default_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIPTYCH_CHAIN__CONFIRMATIONS", "6")
    settings, rows = load_settings()
    assert settings.chain.confirmations == 6
    assert _row(rows, "chain.confirmations").origin == "environment"


@pytest.mark.parametrize(
    ("toml", "environ", "overrides"),
    [
        ("[seal]\ncolour = 1", {}, {}),
        ("[paint]\ncolour = 1", {}, {}),
        ("", {"DIPTYCH_SEAL__COLOUR": "1"}, {}),
        ("", {"DIPTYCH_COLOUR": "1"}, {}),
        ("", {}, {"seal.colour": 1}),
        ("", {}, {"colour": 1}),
    ],
)
def test_an_unknown_key_is_refused_in_every_source(
    tmp_path: Path, toml: str, environ: dict[str, str], overrides: dict[str, object]
) -> None:
    with pytest.raises(BadSetting, match=r"colour|paint") as caught:
        load_settings(_toml(tmp_path, toml), environ=environ, overrides=overrides)
    assert caught.value.exit_code == 2
    assert "diptych config" in caught.value.hint


def test_names_of_others_and_of_the_shell_are_left_alone() -> None:
    settings, _ = load_settings(environ={"PATH": "/bin", "DIPTYCHS": "1", "DIPTYCH__X": "1"})
    assert settings.seal.workers == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DIPTYCH_SEAL__DIGEST", "md5"),
        ("DIPTYCH_SEAL__WORKERS", "0"),
        ("DIPTYCH_SEAL__WORKERS", "many"),
        ("DIPTYCH_LOG__LEASE_S", "nan"),
        ("DIPTYCH_LOG__WAIT_S", "inf"),
        ("DIPTYCH_CHAIN__MAX_FEE_GWEI", "inf"),
        ("DIPTYCH_CHAIN__TIMEOUT_S", "-1"),
        ("DIPTYCH_SEAL__WORKERS", "65"),
        ("DIPTYCH_SEAL__WORKERS", "2.0"),
        ("DIPTYCH_SEAL__WORKERS", "1_0"),
        ("DIPTYCH_SEAL__WORKERS", " 2"),
        ("DIPTYCH_SEAL__WORKERS", "٢"),
        ("DIPTYCH_SEAL__WORKERS", "9" * 5_000),
        ("DIPTYCH_LOG__LEASE_S", "0"),
        ("DIPTYCH_LOG__LEASE_S", "1_0"),
        ("DIPTYCH_LOG__LEASE_S", ""),
        ("DIPTYCH_LOG__WAIT_S", "3600.1"),
    ],
)
def test_an_impossible_value_is_refused_and_its_source_named(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=r"from environment: got .*, expected"):
        load_settings(environ={name: value})


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("LOG__WAIT_S", "0", 0.0),
        ("LOG__WAIT_S", "2.5", 2.5),
        ("LOG__WAIT_S", "1E2", 100.0),
        ("LOG__LEASE_S", "600", 600.0),
        ("SEAL__WORKERS", "1", 1),
        ("SEAL__WORKERS", "64", 64),
        ("SEAL__DIGEST", "sha256+blake3", "sha256+blake3"),
        ("CHAIN__ANVIL", "", ""),
    ],
)
def test_text_of_the_environment_becomes_the_value(name: str, text: str, value: object) -> None:
    settings, _ = load_settings(environ={f"DIPTYCH_{name}": text})
    section, _, key = name.lower().partition("__")
    found = getattr(getattr(settings, section), key)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    "line",
    [
        "workers = '3'",
        "workers = true",
        "workers = 3.0",
        "workers = [3]",
        "digest = 1",
        "digest = ['sha256']",
        "ignore_file = 1",
    ],
)
def test_a_file_must_use_the_type_of_the_setting(tmp_path: Path, line: str) -> None:
    path = _toml(tmp_path, f"[seal]\n{line}")
    with pytest.raises(BadSetting, match=r"diptych\.toml: got .*, expected"):
        load_settings(path, environ={})


@pytest.mark.parametrize("line", ["wait_s = true", "wait_s = nan", "wait_s = '1'"])
def test_a_number_in_a_file_is_a_finite_number(tmp_path: Path, line: str) -> None:
    with pytest.raises(BadSetting, match=r"log\.wait_s"):
        load_settings(_toml(tmp_path, f"[log]\n{line}"), environ={})


def test_a_whole_number_will_do_for_a_real_one(tmp_path: Path) -> None:
    settings, _ = load_settings(_toml(tmp_path, "[log]\nwait_s = 5"), environ={})
    assert (settings.log.wait_s, type(settings.log.wait_s)) == (5.0, float)


def test_a_long_value_is_cut_in_the_message() -> None:
    with pytest.raises(BadSetting) as caught:
        load_settings(environ={"DIPTYCH_SEAL__DIGEST": "x" * 10_000})
    assert len(caught.value.message) < 300


@pytest.mark.parametrize(
    "text",
    ["= broken", "workers = 1", "[seal]\nworkers = 1\nworkers = 2", "[[seal]]\nworkers = 1"],
)
def test_a_broken_file_is_refused_by_name(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadSetting, match=r"diptych\.toml"):
        load_settings(_toml(tmp_path, text), environ={})


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "diptych.toml"
    path.write_bytes(b"[seal]\nignore_file = '\xff'")
    with pytest.raises(BadSetting):
        load_settings(path, environ={})


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    path = _toml(tmp_path, "#" * ((64 << 10) + 1))
    with pytest.raises(BadSetting, match="at most 65536"):
        load_settings(path, environ={})


def test_a_secret_is_masked_everywhere_it_is_shown() -> None:
    settings, rows = load_settings(environ={"DIPTYCH_KEYS__PASSPHRASE": SECRET})
    assert settings.keys.passphrase is not None
    assert settings.keys.passphrase.reveal() == SECRET
    assert SECRET not in repr(settings)
    assert SECRET not in str(rows)
    assert _row(rows, "keys.passphrase").value == "********"


def test_a_refused_secret_is_not_in_the_message() -> None:
    with pytest.raises(BadSetting) as caught:
        load_settings(environ={}, overrides={"keys.passphrase": [SECRET]})
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_passphrase_in_a_file_is_refused_without_showing_it(tmp_path: Path) -> None:
    path = _toml(tmp_path, f'[keys]\npassphrase = "{SECRET}"')
    with pytest.raises(BadSetting, match=r"keys\.passphrase") as caught:
        load_settings(path, environ={})
    assert SECRET not in str(caught.value)
    assert "DIPTYCH_KEYS__PASSPHRASE" in caught.value.hint


def test_settings_cannot_be_changed_after_loading() -> None:
    settings, _ = load_settings(environ={})
    with pytest.raises(FrozenInstanceError):
        settings.seal.workers = 9  # type: ignore[misc]
