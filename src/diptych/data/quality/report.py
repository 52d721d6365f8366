"""A quality report: what was looked at, with which rules and tools, and what was found.

It names rows by their numbers and holds no cell, unless a rule says that its column is public.
"""

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from diptych.core.canonical import canonical_json
from diptych.core.errors import JsonValue, MalformedError
from diptych.data.quality.errors import BadReport
from diptych.data.quality.findings import FAIL, NOTICE, Finding
from diptych_verify.jsonio import ObjectReader, strict_json

FORMAT: Final = "diptych-quality/1"
PASS: Final = "pass"
MAX_BYTES: Final = 8 << 20
MAX_FINDINGS: Final = 2_000
_TOOLS = ("diptych", "numpy", "pandas", "pandera", "scikit-learn", "scipy")


@dataclass(frozen=True)
class Chart:
    """Bars that a page draws: a name, what they measure, a limit to hold them against."""

    title: str
    unit: str
    names: tuple[str, ...]
    values: tuple[float, ...]
    limit: float | None = None


@dataclass(frozen=True)
class QualityReport:
    """What a check came to.

    Attributes:
        rules: hex digest of the rule set.
        rows: that were read.
        columns: that the table has.
        looked: kinds of rules that were looked at, with what they were looked at in.
        findings: what was found, failures first.
        tools: versions by package.
        charts: what a page draws.
    """

    rules: str
    rows: int
    columns: int
    looked: Mapping[str, str]
    findings: tuple[Finding, ...]
    tools: Mapping[str, str] = field(default_factory=dict)
    charts: tuple[Chart, ...] = ()

    @property
    def verdict(self) -> str:
        """`fail` if any finding is a failure, else `pass`."""
        return FAIL if any(one.severity == FAIL for one in self.findings) else PASS

    @property
    def failures(self) -> tuple[Finding, ...]:
        """Findings that make the check fail."""
        return tuple(one for one in self.findings if one.severity == FAIL)

    def to_json(self) -> dict[str, JsonValue]:
        """Return the report as JSON."""
        return {
            "format": FORMAT,
            "verdict": self.verdict,
            "rules": self.rules,
            "rows": self.rows,
            "columns": self.columns,
            "looked": dict(self.looked),
            "findings": [one.to_json() for one in self.findings],
            "tools": dict(self.tools),
            "charts": [
                {
                    "title": one.title,
                    "unit": one.unit,
                    "names": list(one.names),
                    "values": [float(f"{value:.4g}") for value in one.values],
                    "limit": one.limit,
                }
                for one in self.charts
            ],
        }

    def dump(self) -> bytes:
        """Return canonical JSON; `parse_report` reads it back unchanged."""
        return canonical_json(self.to_json())


def ordered(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return failures before notices, else in the order in which they were found."""
    ranked = sorted(findings, key=lambda one: one.severity != FAIL)
    return tuple(ranked[:MAX_FINDINGS])


def tool_versions(*more: str) -> dict[str, str]:
    """Return the versions of what looks at the data."""
    found = {"python": platform.python_version()}
    for name in (*_TOOLS, *more):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def parse_report(raw: bytes) -> QualityReport:
    """Parse a stored report.

    Raises:
        BadReport: it does not follow the format.
    """
    try:
        value = strict_json(raw, max_bytes=MAX_BYTES, max_depth=6, max_values=2_000_000)
        return _report(ObjectReader(value, "report"))
    except MalformedError as error:
        raise BadReport(f"cannot read the report: {error}") from None


def _report(reader: ObjectReader) -> QualityReport:
    if reader.text("format") != FORMAT:
        raise reader.wrong("format", FORMAT)
    report = QualityReport(
        rules=reader.hex_bytes("rules", size=32).hex(),
        rows=reader.integer("rows"),
        columns=reader.integer("columns"),
        looked=_texts(reader.object("looked")),
        findings=tuple(map(_finding, reader.objects("findings", maximum=MAX_FINDINGS))),
        tools=_texts(reader.object("tools")),
        charts=tuple(map(_chart, reader.objects("charts", maximum=64))),
    )
    if reader.text("verdict") != report.verdict:
        raise reader.wrong("verdict", f"'{report.verdict}', as the findings say")
    reader.done()
    return report


def _finding(reader: ObjectReader) -> Finding:
    numbers = reader.object("numbers")
    made = Finding(
        rule=reader.text("rule"),
        severity=reader.text("severity", max_characters=8),
        count=reader.integer("count"),
        rows=tuple(_integers(reader, "rows")),
        text=reader.text("text", max_characters=8_192),
        numbers={name: _float(numbers, name) for name in numbers.members},
        shown=reader.texts("shown", maximum=100),
    )
    if made.severity not in {FAIL, NOTICE}:
        raise reader.wrong("severity", f"{FAIL} or {NOTICE}")
    reader.done()
    return made


def _chart(reader: ObjectReader) -> Chart:
    names = reader.texts("names", maximum=5_000)
    values = tuple(_number(reader, "values", one) for one in reader.items("values", maximum=5_000))
    if len(names) != len(values):
        raise reader.wrong("values", f"{len(names)} numbers")
    limit = reader.raw("limit")
    chart = Chart(
        reader.text("title"),
        reader.text("unit"),
        names,
        values,
        None if limit is None else _number(reader, "limit", limit),
    )
    reader.done()
    return chart


def _texts(reader: ObjectReader) -> dict[str, str]:
    return {name: reader.text(name, max_characters=256) for name in reader.members}


def _integers(reader: ObjectReader, key: str) -> list[int]:
    found = reader.items(key, maximum=1_000)
    if not all(type(one) is int and one >= 0 for one in found):
        raise reader.wrong(key, "whole numbers")
    return [int(str(one)) for one in found]


def _float(reader: ObjectReader, key: str) -> float:
    return _number(reader, key, reader.raw(key))


def _number(reader: ObjectReader, key: str, value: Any) -> float:
    if type(value) not in {int, float}:
        raise reader.wrong(key, "a number")
    return float(value)
