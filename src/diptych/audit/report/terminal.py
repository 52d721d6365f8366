"""A report as people read it: each finding with its line of source."""

from collections.abc import Iterator

from diptych.audit.finding import SEVERITIES, Finding, Location
from diptych.audit.risk import exposure_words
from diptych.audit.source.text import SourceText
from diptych.audit.triage.triaged import Triaged
from diptych_verify.wording import counted

__all__ = ["partial_lines", "spoken", "terminal", "totals"]

_LEAD = 24  # characters of a long line that are shown before the place
_WIDTH = 100
_SHOWN_PARTIAL = 10
_SHOWN_RISKS = 10
_SHOWN_DIFF = 40


def terminal(triaged: Triaged) -> str:
    """Write findings, gravest first, then what was not analysed whole, then one line of totals."""
    shown = triaged.shown
    lines = [line for one, name in shown.fingerprints for line in _finding(triaged, one, name)]
    for risk in triaged.risks[:_SHOWN_RISKS]:
        lines.append(f"risk {risk.score:5.1f}  {risk.contract or 'file'}  {risk.path}")
    if len(triaged.risks) > _SHOWN_RISKS:
        lines.append(f"risk: {len(triaged.risks) - _SHOWN_RISKS} more contracts; --json lists all")
    lines += [f"notice {notice}" for notice in triaged.notices]
    lines += partial_lines(triaged)
    return "\n".join([*lines, totals(triaged)])


def partial_lines(triaged: Triaged) -> list[str]:
    """Return one line for each of the first files that were not analysed whole."""
    partial = [file for file in triaged.report.files if file.reasons]
    lines = [f"partial {file.path}: {'; '.join(file.reasons)}" for file in partial[:_SHOWN_PARTIAL]]
    if len(partial) > _SHOWN_PARTIAL:
        lines.append(f"partial: {len(partial) - _SHOWN_PARTIAL} more files; --json lists all")
    return lines


def _finding(triaged: Triaged, finding: Finding, name: str) -> Iterator[str]:
    place = finding.location
    texts = triaged.report.texts
    where = ".".join(part for part in (place.contract, place.function) if part)
    state = triaged.state(name)
    marks = f"  {name[:12]}" + (f"  {state}" if state else "")
    yield f"{finding.severity} {finding.rule.id}  {place.path}:{place.line}  {where}{marks}"
    yield from _excerpt(texts.get(place.path), place)
    yield f"  {finding.message}"
    for other in finding.related:
        same = "" if other.path == place.path else f"{other.path}:"
        yield f"    {same}{other.line}: {_cut(_line(texts.get(other.path), other.line).strip())}"
    yield f"  risk {finding.risk or 0:.0f} of 100: {exposure_words(finding)}{spoken(finding)}"
    yield f"  fix: {finding.rule.fix}"
    patch = triaged.patches.get(name)
    if patch is not None:
        yield f"  checked patch: {patch.description}"
        yield from (f"    {line}" for line in patch.diff.splitlines()[:_SHOWN_DIFF])
    yield ""


def spoken(finding: Finding) -> str:
    """Return who says so and how sure that is; empty where only a rule spoke."""
    if finding.probability is None:
        return ""
    lines = ", ".join(dict.fromkeys(str(each.line) for each in finding.evidence[:3]))
    carried = f", by lines {lines}" if lines else ""
    return f"; probability {finding.probability:.2f} ({' and '.join(finding.spoke)}{carried})"


def _excerpt(text: SourceText | None, place: Location) -> Iterator[str]:
    """Yield the line of a finding with a mark below what it is about."""
    line = _line(text, place.line).replace("\t", " ")
    stripped = line.lstrip()
    indent = len(line) - len(stripped)
    if place.column - indent > _WIDTH:  # show the place, not the start of a line without end
        stripped = f"…{line[place.column - _LEAD :]}"
        indent = place.column - _LEAD - 1
    yield f"    {_cut(stripped)}"
    start = max(0, place.column - 1 - indent)
    last = place.end_column - 1 - indent if place.end_line == place.line else len(stripped.rstrip())
    if start < _WIDTH and last > start:
        yield f"    {' ' * start}^{'~' * (min(last, _WIDTH) - start - 1)}"


def _line(text: SourceText | None, number: int) -> str:
    return "" if text is None else text.line(number)


def _cut(line: str) -> str:
    return line if len(line) <= _WIDTH else f"{line[: _WIDTH - 1]}…"


def totals(triaged: Triaged) -> str:
    """Return one line: what was found by how many rules in how much source."""
    report, shown = triaged.report, triaged.shown
    counts = {each: sum(f.severity == each for f in shown.findings) for each in SEVERITIES}
    found = ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "nothing"
    lines = sum(file.lines for file in report.files)
    partial = sum(bool(file.reasons) for file in report.files)
    whole = f", {partial} of them in part" if partial else ""
    more = [f"{len(triaged.suppressed)} suppressed"] if triaged.suppressed else []
    if triaged.baseline is not None:
        more.append(f"{len(triaged.counting())} new, {len(triaged.fixed)} fixed since the baseline")
    if report.interrupted:
        more.append("interrupted")
    return (
        f"{found} found by {counted(len(report.rules), 'rule')} in {lines:,} lines of "
        f"{counted(len(report.files), 'file')}{whole}{''.join(f'; {each}' for each in more)}"
    )
