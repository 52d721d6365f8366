"""Settings: argument > environment > `diptych.toml` > default, each value with its origin.

The environment variable of `[seal] digest` is `DIPTYCH_SEAL__DIGEST`. An unknown key is refused in
all three places. Secrets come from the environment only and are masked wherever they are shown.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from diptych.core.errors import ConfigError, MalformedError
from diptych.core.secret import Secret
from diptych.core.setting import Choice, Hidden, Kind, Real, Text, Whole
from diptych_verify.strict_toml import strict_toml

PREFIX = "DIPTYCH_"
_MAX_TOML_BYTES = 64 << 10
_RULE = "rule"
_ENVIRONMENT = "environment"
_HINT = "diptych config lists every setting with its default"
_ELSEWHERE = {
    "requirements": "what data need stands in diptych-requirements.toml, so that it can be reviewed"
    " and sealed apart from settings"
}


class BadSetting(ConfigError):
    """A setting is unknown, has the wrong type or an impossible value."""

    code = "Config.BadSetting"


class _Rule:
    """How one field of a section is read and described."""

    def __init__(self, kind: Kind, description: str) -> None:
        self.kind = kind
        self.description = description


def _rule(kind: Kind, description: str) -> dict[str, _Rule]:
    return {_RULE: _Rule(kind, description)}


@dataclass(frozen=True)
class SealSettings:
    """How files are hashed and listed."""

    digest: str = field(
        default="sha256",
        metadata=_rule(Choice("sha256", "blake3", "sha256+blake3"), "digest of file contents"),
    )
    workers: int = field(default=2, metadata=_rule(Whole(1, 64), "threads that hash files"))
    ignore_file: str = field(
        default=".diptychignore",
        metadata=_rule(Text(), "name of the ignore file (gitignore syntax) in a sealed folder"),
    )


@dataclass(frozen=True)
class KeySettings:
    """How key files are locked and unlocked."""

    passphrase: Secret | None = field(
        default=None,
        metadata=_rule(Hidden(), "unlocks the key files; environment only, never in a file"),
    )
    scrypt_log2_n: int = field(
        default=17,
        metadata=_rule(Whole(14, 20), "cost of guessing a passphrase (scrypt, r=8, p=1)"),
    )
    agent_ttl_s: int = field(
        default=28_800,
        metadata=_rule(Whole(1, 604_800), "seconds the key agent keeps keys unlocked"),
    )


@dataclass(frozen=True)
class LogSettings:
    """Who may append to the log, and for how long one writer holds it."""

    lease_s: float = field(
        default=10.0,
        metadata=_rule(
            Real(0, 600, exclusive=True), "seconds after which a silent writer is replaced"
        ),
    )
    wait_s: float = field(
        default=60.0, metadata=_rule(Real(0, 3_600), "seconds to wait for another writer")
    )


@dataclass(frozen=True)
class UsageSettings:
    """What is recorded by itself."""

    record: str = field(
        default="on",
        metadata=_rule(Choice("on", "off"), "record each call of a loaded model and each download"),
    )


@dataclass(frozen=True)
class ChainSettings:
    """Which chain is used, and how patient the client is."""

    profile: str = field(
        default="embedded",
        metadata=_rule(Text(), "chain profile: `embedded`, or a name given to `chain add`"),
    )
    anvil: str = field(
        default="",
        metadata=_rule(Text(), "path of an anvil binary; empty: the pinned one, fetched once"),
    )
    timeout_s: float = field(
        default=30.0,
        metadata=_rule(Real(0, 600, exclusive=True), "seconds one RPC call may take"),
    )
    confirmations: int = field(
        default=2,
        metadata=_rule(
            Whole(0, 10_000),
            "blocks on top before a transaction counts as final; the embedded chain needs none",
        ),
    )
    max_fee_gwei: float = field(
        default=500.0,
        metadata=_rule(Real(0, exclusive=True), "highest fee per gas that is ever offered"),
    )
    log_owner: str = field(
        default="",
        metadata=_rule(Text(), "address that first anchored this log; empty: our own account"),
    )


@dataclass(frozen=True)
class IndexSettings:
    """Where the rows of indexes stand."""

    store: Secret | None = field(
        default=None,
        metadata=_rule(
            Hidden(),
            "folder or `postgresql://` URL for the rows of indexes, with `${NAME}` for variables of"
            " the environment; empty: the workspace",
        ),
    )


@dataclass(frozen=True)
class Settings:
    """Every setting of diptych; `load_settings` builds it."""

    seal: SealSettings = SealSettings()
    keys: KeySettings = KeySettings()
    log: LogSettings = LogSettings()
    chain: ChainSettings = ChainSettings()
    usage: UsageSettings = UsageSettings()
    index: IndexSettings = IndexSettings()


@dataclass(frozen=True)
class SettingOrigin:
    """One setting as `diptych config` shows it; a secret's value is already masked.

    Attributes:
        name: `section.key`.
        value: as text.
        origin: `default`, `environment`, `argument` or the file.
        description: what it is for.
        expected: which values it takes.
    """

    name: str
    value: str
    origin: str
    description: str
    expected: str


Raw = dict[str, dict[str, object]]


def load_settings(
    toml_path: Path | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    overrides: Mapping[str, object] | None = None,
) -> tuple[Settings, list[SettingOrigin]]:
    """Merge all sources into one frozen `Settings`.

    Args:
        toml_path: `diptych.toml`; may be missing.
        environ: environment, default `os.environ`.
        overrides: explicit arguments by dotted name, for example `{"seal.digest": "blake3"}`.

    Raises:
        BadSetting: a source names an unknown key or an impossible value.
    """
    sources: list[tuple[str, Raw]] = [
        (str(toml_path), _from_toml(toml_path)),
        (_ENVIRONMENT, _from_environment(os.environ if environ is None else environ)),
        ("argument", _from_dotted(overrides or {})),
    ]
    merged: Raw = {}
    origins: dict[str, str] = {}
    for origin, raw in sources:
        for section, values in raw.items():
            for key, value in values.items():
                merged.setdefault(section, {})[key] = value
                origins[f"{section}.{key}"] = origin
    settings = _validate(merged, origins)
    return settings, _describe(settings, origins)


def _from_toml(path: Path | None) -> Raw:
    if path is None or not path.exists():
        return {}
    if not path.is_file():
        raise BadSetting(f"{path} is no file")
    try:
        with path.open("rb") as stream:
            raw = stream.read(_MAX_TOML_BYTES + 1)
        tables = strict_toml(raw, max_bytes=_MAX_TOML_BYTES)
    except (MalformedError, OSError) as error:
        raise BadSetting(
            f"cannot read {path}: {error}", hint="correct it, or move it away"
        ) from error
    for section, values in tables.items():
        if not isinstance(values, dict):
            raise BadSetting(f"{path}: got key '{section}' outside a table, expected [section]")
    if "passphrase" in tables.get("keys", {}):
        raise BadSetting(
            f"{path}: keys.passphrase must not stand in a file",
            hint=f"export {PREFIX}KEYS__PASSPHRASE instead",
        )
    return tables


def _from_environment(environ: Mapping[str, str]) -> Raw:
    dotted: dict[str, object] = {}
    for name, value in environ.items():
        if name.startswith(PREFIX) and not name.startswith(f"{PREFIX}_"):
            dotted[name.removeprefix(PREFIX).lower().replace("__", ".", 1)] = value
    return _from_dotted(dotted)


def _from_dotted(dotted: Mapping[str, object]) -> Raw:
    raw: Raw = {}
    for name, value in dotted.items():
        section, _, key = name.partition(".")
        raw.setdefault(section, {})[key] = value
    return raw


def _validate(merged: Raw, origins: Mapping[str, str]) -> Settings:
    sections = _sections(Settings())
    for name, values in merged.items():
        if name not in sections:
            raise _unknown(name, next(iter(values), ""), origins)
        rules = _rules(sections[name])
        read = {}
        for key, value in values.items():
            if key not in rules:
                raise _unknown(name, key, origins)
            read[key] = _read(rules[key], value, f"{name}.{key}", origins[f"{name}.{key}"])
        sections[name] = replace(sections[name], **read)
    return Settings(**sections)


def _sections(settings: Settings) -> dict[str, Any]:
    return {one.name: getattr(settings, one.name) for one in fields(settings)}


def _rules(section: Any) -> dict[str, _Rule]:
    return {one.name: one.metadata[_RULE] for one in fields(section)}


def _read(rule: _Rule, value: object, name: str, origin: str) -> object:
    try:
        return rule.kind.read(value, from_text=origin == _ENVIRONMENT)
    except (ValueError, OverflowError):
        secret = isinstance(rule.kind, Hidden)
        got = type(value).__name__ if secret else f"{value!r:.80}"
        raise BadSetting(
            f"setting '{name}' from {origin}: got {got}, expected {rule.kind.expected}", hint=_HINT
        ) from None


def _unknown(section: str, key: str, origins: Mapping[str, str]) -> BadSetting:
    if section in _ELSEWHERE:
        raise BadSetting(f"[{section}] is no setting", hint=_ELSEWHERE[section])
    name = f"{section}.{key}" if key else section
    origin = origins.get(f"{section}.{key}", "settings")
    return BadSetting(f"setting '{name}' from {origin}: there is no such setting", hint=_HINT)


def _describe(settings: Settings, origins: Mapping[str, str]) -> list[SettingOrigin]:
    rows = []
    for section, part in _sections(settings).items():
        for key, rule in _rules(part).items():
            name, value = f"{section}.{key}", getattr(part, key)
            shown = "********" if isinstance(value, Secret) else str(value)
            origin = origins.get(name, "default")
            rows.append(SettingOrigin(name, shown, origin, rule.description, rule.kind.expected))
    return rows
