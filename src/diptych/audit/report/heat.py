"""Source as HTML, warmer where findings with more risk stand."""

from collections.abc import Iterator, Sequence
from typing import Final

from diptych.audit.finding import Finding
from diptych.audit.report.escaping import markup
from diptych.audit.source.text import SourceText

__all__ = ["HEATS", "heated"]

HEATS: Final = 5
_AROUND = 4
_WHOLE = 400
_MAX_COLUMNS = 240


def heated(text: SourceText, findings: Sequence[Finding], anchors: dict[int, str]) -> str:
    """Return a file's lines; of long files only those around findings.

    Args:
        text: the file.
        findings: those in it.
        anchors: identifier of the finding that begins on a line.
    """
    heat = _heat(findings)
    total = len(text.line_starts)
    shown = range(1, total + 1) if total <= _WHOLE else _near(heat, total)
    rows = "".join(_rows(text, shown, heat, anchors))
    return f'<pre class="source">{rows}</pre>'


def _heat(findings: Sequence[Finding]) -> dict[int, int]:
    """Return a level from 1 to `HEATS` for every line of a finding."""
    heat: dict[int, int] = {}
    for one in findings:
        level = min(HEATS, 1 + int((one.risk or 0.0) * HEATS / 100))
        for line in range(
            one.location.line, min(one.location.end_line, one.location.line + 50) + 1
        ):
            heat[line] = max(heat.get(line, 0), level)
        for other in (*one.related, *one.evidence):
            if other.path == one.location.path:
                heat.setdefault(other.line, 1)
    return heat


def _near(heat: dict[int, int], total: int) -> list[int]:
    near = {at for line in heat for at in range(line - _AROUND, line + _AROUND + 1)}
    return sorted(at for at in near if 1 <= at <= total)


def _rows(
    text: SourceText, shown: Sequence[int], heat: dict[int, int], anchors: dict[int, str]
) -> Iterator[str]:
    last = 0
    for number in shown:
        if number != last + 1:
            yield '<span class="gap">⋯</span>\n'
        last = number
        level = heat.get(number, 0)
        tone = f' class="h{level}"' if level else ""
        name = anchors.get(number)
        label = f"{number:5}"
        if name is not None:
            label = f'<a href="#{name}" id="s-{name}">{label}</a>'
        line = markup(text.line(number)[:_MAX_COLUMNS])
        yield f"<span{tone}><i>{label}</i> {line}</span>\n"
