"""The requirements file: which stage of the life of data needs a passing report, and which report.

`diptych-requirements.toml` in the project folder; without it nothing is required.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from diptych.core.errors import ConfigError, MalformedError
from diptych_verify.dsse import parse_keyid
from diptych_verify.strict_toml import strict_toml

FORMAT: Final = "diptych-requirements/1"
MAX_BYTES: Final = 64 << 10
STAGES: Final = ("seal", "train", "publish", "serve", "sell")
TABLES: Final = ("*.csv", "*.tsv", "*.parquet", "*.ndjson")
_MAX_ITEMS = 64
_MAX_TEXT = 256
_DIGEST = re.compile(r"[0-9a-f]{64}")
_VERSION = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,6}){0,3}")
_FIELDS = frozenset({"applies_to", "rules", "max_age_days", "min_version", "signers"})


class BadRequirements(ConfigError):
    """The requirements file is malformed or names what does not exist; nothing is let through."""

    code = "Requirement.Bad"


@dataclass(frozen=True)
class Requirement:
    """What data need before one stage.

    Attributes:
        stage: one of `STAGES`.
        applies_to: patterns (`*`, `?`, `[…]`) of file names for `seal`, of names of data for the
            others; what matches none is not held to this.
        rules: digests of the rule sets that count; empty for any.
        max_age_days: oldest report that counts, by its claimed time; None for any age.
        min_version: oldest version of diptych that counts; empty for any.
        signers: key ids whose reports count; empty for any key that the workspace trusts.
    """

    stage: str
    applies_to: tuple[str, ...] = ("*",)
    rules: tuple[str, ...] = ()
    max_age_days: int | None = None
    min_version: str = ""
    signers: tuple[str, ...] = ()


def parse_requirements(raw: bytes) -> dict[str, Requirement]:
    """Parse a requirements file; return requirements by stage.

    Raises:
        BadRequirements: naming the field, what was found and what was expected.
    """
    try:
        members = strict_toml(raw, max_bytes=MAX_BYTES)
    except MalformedError as error:
        raise BadRequirements(f"cannot read the requirements: {error}") from None
    found = members.pop("format", None)
    if found != FORMAT:
        raise BadRequirements(f"format: got {found!r:.80}, expected '{FORMAT}'")
    unknown = sorted(set(members) - set(STAGES))
    if unknown:
        raise BadRequirements(
            f"got the unknown stage {unknown[0]!a:.80}, expected {', '.join(STAGES)}"
        )
    return {stage: _requirement(stage, value) for stage, value in members.items()}


def dump_requirements(requirements: Mapping[str, Requirement]) -> bytes:
    """Return requirements as TOML; `parse_requirements` reads them back unchanged."""
    lines = [f"format = {json.dumps(FORMAT)}"]
    for stage, one in requirements.items():
        lines.append(f"\n[{stage}]")
        for name in sorted(_FIELDS):
            value = getattr(one, name)
            if value not in (None, "", ()):
                # JSON texts, lists and numbers are TOML, except that TOML also wants DEL escaped.
                text = json.dumps(list(value) if isinstance(value, tuple) else value)
                lines.append(f"{name} = {text}".replace("\x7f", "\\u007f"))
    return ("\n".join(lines) + "\n").encode()


def _requirement(stage: str, value: Any) -> Requirement:
    if not isinstance(value, dict):
        raise BadRequirements(f"{stage}: got {value!r:.80}, expected a table")
    unknown = sorted(set(value) - _FIELDS)
    if unknown:
        raise BadRequirements(f"{stage}: got the unknown field {unknown[0]!a:.80}")
    default = TABLES if stage == "seal" else ("*",)
    signers = _texts(stage, value, "signers")
    for keyid in signers:
        try:
            parse_keyid(keyid)
        except MalformedError as error:
            raise BadRequirements(f"{stage}.signers: {error}") from None
    rules = _texts(stage, value, "rules")
    if not all(_DIGEST.fullmatch(one) for one in rules):
        raise BadRequirements(f"{stage}.rules: expected digests of 64 hex digits")
    version = value.get("min_version", "")
    if version != "" and (not isinstance(version, str) or not _VERSION.fullmatch(version)):
        raise BadRequirements(f"{stage}.min_version: got {version!r:.80}, expected like '0.1'")
    return Requirement(
        stage,
        _texts(stage, value, "applies_to") or default,
        rules,
        _days(stage, value.get("max_age_days")),
        version,
        signers,
    )


def _days(stage: str, value: Any) -> int | None:
    if value is None or (type(value) is int and 1 <= value <= 36_500):
        return None if value is None else int(value)
    raise BadRequirements(f"{stage}.max_age_days: got {value!r:.80}, expected 1 to 36500")


def _texts(stage: str, value: dict[str, Any], name: str) -> tuple[str, ...]:
    found = value.get(name, [])
    fits = isinstance(found, list) and len(found) <= _MAX_ITEMS
    if not fits or not all(isinstance(one, str) and 0 < len(one) <= _MAX_TEXT for one in found):
        raise BadRequirements(f"{stage}.{name}: got {found!r:.80}, expected a list of texts")
    return tuple(found)
