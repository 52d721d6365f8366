"""A report as people read it: each finding with its line of source."""

from collections.abc import Iterator, Mapping

from diptych.audit.finding import SEVERITIES, Finding
from diptych.audit.scan import Report
from diptych.audit.source.text import SourceText
from diptych_verify.wording import counted

__all__ = ["terminal"]

_WIDTH = 100
_SHOWN_PARTIAL = 10


def terminal(report: Report, texts: Mapping[str, SourceText]) -> str:
    """Write findings, gravest first, then what was not analysed whole, then one line of totals."""
    lines = [line for finding in report.findings for line in _finding(finding, texts)]
    partial = [file for file in report.files if file.reasons]
    for file in partial[:_SHOWN_PARTIAL]:
        lines.append(f"partial {file.path}: {'; '.join(file.reasons)}")
    if len(partial) > _SHOWN_PARTIAL:
        lines.append(f"partial: {len(partial) - _SHOWN_PARTIAL} more files; --json lists all")
    return "\n".join([*lines, _totals(report, len(partial))])


def _finding(finding: Finding, texts: Mapping[str, SourceText]) -> Iterator[str]:
    place = finding.location
    where = ".".join(part for part in (place.contract, place.function) if part)
    yield f"{finding.severity} {finding.rule.id}  {place.path}:{place.line}  {where}"
    yield f"    {_source(texts[place.path], place.line)}"
    yield f"  {finding.message}"
    for other in finding.related:
        same = "" if other.path == place.path else f"{other.path}:"
        yield f"    {same}{other.line}: {_source(texts[other.path], other.line)}"
    yield f"  fix: {finding.rule.fix}"
    yield ""


def _source(text: SourceText, line: int) -> str:
    """Return one line of source, cut to the width of a terminal."""
    start = text.line_starts[line - 1]
    end = text.data.find(b"\n", start)
    raw = text.data[start : end if end >= 0 else len(text.data)].decode("utf-8", "replace").strip()
    return raw if len(raw) <= _WIDTH else f"{raw[: _WIDTH - 1]}…"


def _totals(report: Report, partial: int) -> str:
    counts = {each: sum(f.severity == each for f in report.findings) for each in SEVERITIES}
    found = ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "nothing"
    lines = sum(file.lines for file in report.files)
    whole = f", {partial} of them in part" if partial else ""
    return (
        f"{found} found by {counted(len(report.rules), 'rule')} in {lines:,} lines of "
        f"{counted(len(report.files), 'file')}{whole}"
    )
