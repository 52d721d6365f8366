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
from diptych.core.setting import Hidden
from diptych.core.setting_sections import (
    RULE,
    ChainSettings,
    IndexSettings,
    KeySettings,
    LogSettings,
    Rule,
    SealSettings,
    UsageSettings,
)
from diptych_verify.strict_toml import strict_toml

PREFIX = "DIPTYCH_"
_MAX_TOML_BYTES = 64 << 10
_ENVIRONMENT = "environment"
_HINT = "diptych config lists every setting with its default"
_ELSEWHERE = {
    "requirements": "what data need stands in diptych-requirements.toml, so that it can be reviewed"
    " and sealed apart from settings"
}


class BadSetting(ConfigError):
    """A setting is unknown, has the wrong type or an impossible value."""

    code = "Config.BadSetting"


@dataclass(frozen=True)
class Settings:
    """Every setting of diptych; `load_settings` builds it."""

    seal: SealSettings = field(default_factory=SealSettings)
    keys: KeySettings = field(default_factory=KeySettings)
    log: LogSettings = field(default_factory=LogSettings)
    chain: ChainSettings = field(default_factory=ChainSettings)
    usage: UsageSettings = field(default_factory=UsageSettings)
    index: IndexSettings = field(default_factory=IndexSettings)


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


def _rules(section: Any) -> dict[str, Rule]:
    return {one.name: one.metadata[RULE] for one in fields(section)}


def _read(rule: Rule, value: object, name: str, origin: str) -> object:
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
