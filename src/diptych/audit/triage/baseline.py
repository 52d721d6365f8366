"""A baseline: findings that were known at some time, so that only new ones fail."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from diptych.audit.errors import BadTriageFile
from diptych.audit.finding import Finding
from diptych.core.errors import MalformedError
from diptych_verify.errors import JsonValue
from diptych_verify.jsonio import ObjectReader, strict_json

__all__ = ["Known", "dump_baseline", "known", "read_baseline"]

_FORMAT = "diptych-audit-baseline/1"
_MAX_BYTES = 64 << 20
_MAX_ENTRIES = 1_000_000


@dataclass(frozen=True)
class Known:
    """One finding of a baseline; all but the fingerprint is for readers."""

    fingerprint: str
    rule: str
    severity: str
    path: str
    contract: str
    function: str

    @property
    def where(self) -> str:
        """Path, contract and function as text."""
        inside = ".".join(each for each in (self.contract, self.function) if each)
        return f"{self.path} {inside}".strip()

    def to_json(self) -> dict[str, JsonValue]:
        """Return the entry as plain data."""
        return {
            "fingerprint": self.fingerprint,
            "rule": self.rule,
            "severity": self.severity,
            "path": self.path,
            "contract": self.contract,
            "function": self.function,
        }


def known(finding: Finding, fingerprint: str) -> Known:
    """Return a finding as a baseline keeps it."""
    place = finding.location
    return Known(
        fingerprint,
        finding.rule.id,
        finding.severity,
        place.path,
        place.contract,
        place.function,
    )


def dump_baseline(named: Iterable[tuple[Finding, str]]) -> bytes:
    """Write a baseline, one finding a line, in an order that keeps diffs small."""
    entries = sorted(
        (known(finding, name) for finding, name in named),
        key=lambda one: (one.path, one.contract, one.function, one.rule, one.fingerprint),
    )
    lines = ",\n".join(json.dumps(entry.to_json()) for entry in entries)
    return f'{{"format": "{_FORMAT}", "findings": [\n{lines}\n]}}\n'.encode()


def read_baseline(path: Path) -> dict[str, Known]:
    """Read a baseline: findings by fingerprint.

    Raises:
        BadTriageFile: it is missing, too large or no baseline.
    """
    try:
        with path.open("rb") as stream:
            raw = stream.read(_MAX_BYTES + 1)
        reader = ObjectReader(strict_json(raw, max_bytes=_MAX_BYTES, max_depth=4), path.name)
        if reader.text("format") != _FORMAT:
            raise reader.wrong("format", _FORMAT)
        entries = reader.objects("findings", maximum=_MAX_ENTRIES)
        found = [Known(**{name: each.text(name) for name in _FIELDS}) for each in entries]
    except OSError as error:
        raise BadTriageFile(
            f"{path} cannot be read: {error.strerror}",
            hint=f"diptych audit scan … --write-baseline {path}",
        ) from error
    except MalformedError as error:
        raise BadTriageFile(f"{path} is no baseline: {error.message}") from error
    return {one.fingerprint: one for one in found}


_FIELDS = ("fingerprint", "rule", "severity", "path", "contract", "function")
