"""Settings: argument > environment > `diptych.toml` > default, each value with its origin.

The environment variable of `[seal] digest` is `DIPTYCH_SEAL__DIGEST`. An unknown key is refused in
all three places. Secrets come from the environment only and are masked wherever they are shown.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from diptych.core.errors import ConfigError

PREFIX = "DIPTYCH_"
_MAX_TOML_BYTES = 1 << 20


class BadSetting(ConfigError):
    """A setting is unknown, has the wrong type or an impossible value."""

    code = "Config.BadSetting"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class SealSettings(_Section):
    """How files are hashed and listed."""

    digest: Annotated[
        Literal["sha256", "blake3", "sha256+blake3"],
        Field(description="digest of file contents"),
    ] = "sha256"
    workers: Annotated[int, Field(ge=1, le=64, description="threads that hash files")] = 2
    ignore_file: Annotated[
        str, Field(description="name of the ignore file (gitignore syntax) in a sealed folder")
    ] = ".diptychignore"


class KeySettings(_Section):
    """How key files are locked and unlocked."""

    passphrase: Annotated[
        SecretStr | None,
        Field(description="unlocks the key files; environment only, never in a file"),
    ] = None
    scrypt_log2_n: Annotated[
        int, Field(ge=14, le=20, description="cost of guessing a passphrase (scrypt, r=8, p=1)")
    ] = 17
    agent_ttl_s: Annotated[
        int, Field(ge=1, le=604_800, description="seconds the key agent keeps keys unlocked")
    ] = 28_800


class LogSettings(_Section):
    """Who may append to the log, and for how long one writer holds it."""

    lease_s: Annotated[
        float, Field(gt=0, le=600, description="seconds after which a silent writer is replaced")
    ] = 10.0
    wait_s: Annotated[
        float, Field(ge=0, le=3_600, description="seconds to wait for another writer")
    ] = 60.0


class ChainSettings(_Section):
    """Which chain is used, and how patient the client is."""

    profile: Annotated[
        str, Field(description="chain profile: `embedded`, or a name given to `chain add`")
    ] = "embedded"
    anvil: Annotated[
        str, Field(description="path of an anvil binary; empty: the pinned one, fetched once")
    ] = ""
    timeout_s: Annotated[
        float, Field(gt=0, le=600, description="seconds one RPC call may take")
    ] = 30.0
    confirmations: Annotated[
        int,
        Field(ge=0, le=10_000, description="blocks on top before a transaction counts as final"),
    ] = 0
    max_fee_gwei: Annotated[
        float, Field(gt=0, description="highest fee per gas that is ever offered")
    ] = 500.0


class Settings(_Section):
    """Every setting of diptych; `load_settings` builds it."""

    seal: SealSettings = SealSettings()
    keys: KeySettings = KeySettings()
    log: LogSettings = LogSettings()
    chain: ChainSettings = ChainSettings()


@dataclass(frozen=True)
class SettingOrigin:
    """One setting as `diptych config` shows it; a secret's value is already masked."""

    name: str
    value: str
    origin: str
    description: str


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
        ("environment", _from_environment(os.environ if environ is None else environ)),
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
        if path.stat().st_size > _MAX_TOML_BYTES:
            raise BadSetting(f"{path} is larger than {_MAX_TOML_BYTES} bytes")
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError, RecursionError) as error:
        raise BadSetting(f"cannot read {path}: {error}") from error
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
    try:
        return Settings.model_validate(merged)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            known = ", ".join(row.name for row in _describe(Settings(), {}))
            first["msg"] = f"there is no such setting; there are {known}"
        origin = next((o for n, o in origins.items() if n.startswith(name)), "settings")
        raise BadSetting(
            f"setting '{name}' from {origin}: {first['msg']}",
            hint="correct or remove it; then diptych config lists every setting",
        ) from None


def _describe(settings: Settings, origins: Mapping[str, str]) -> list[SettingOrigin]:
    rows = []
    for section in Settings.model_fields:
        part: BaseModel = getattr(settings, section)
        for key, field in type(part).model_fields.items():
            name = f"{section}.{key}"
            value = getattr(part, key)
            shown = "********" if isinstance(value, SecretStr) else str(value)
            rows.append(
                SettingOrigin(name, shown, origins.get(name, "default"), field.description or "")
            )
    return rows
