"""Small pictures of a report as SVG: bars with a limit, and where in the table rows were found."""

import html
from collections.abc import Sequence

from diptych.data.quality.findings import FAIL, Finding
from diptych.data.quality.report import Chart

_WIDTH = 720
_LABEL = 230
_LINE = 22
_MAX_LABEL = 30


def bars(chart: Chart) -> str:
    """Return horizontal bars; those above the limit stand out."""
    room = _WIDTH - _LABEL - 90
    top = max([*chart.values, chart.limit or 0.0, 1e-12])
    height = _LINE * len(chart.values) + 8
    lines = [_open(height, f"{chart.title}: {chart.unit}")]
    for place, (name, value) in enumerate(zip(chart.names, chart.values, strict=True)):
        y = place * _LINE + 4
        over = chart.limit is not None and value >= chart.limit
        width = max(1.0, room * max(0.0, value) / top)
        lines.append(
            f'<text x="{_LABEL - 8}" y="{y + 13}" text-anchor="end">{_label(name)}</text>'
            f'<rect class="{"over" if over else "bar"}" x="{_LABEL}" y="{y + 2}" '
            f'width="{width:.1f}" height="{_LINE - 8}" rx="2"/>'
            f'<text x="{_LABEL + width + 6:.1f}" y="{y + 13}">{value:.3g}</text>'
        )
    if chart.limit is not None:
        x = _LABEL + room * chart.limit / top
        lines.append(f'<line class="limit" x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{height}"/>')
    return "".join([*lines, "</svg>"])


def row_strip(findings: Sequence[Finding], rows: int) -> str:
    """Return one line for each finding with a tick where its first rows are in the table."""
    room = _WIDTH - _LABEL - 10
    height = _LINE * len(findings) + 8
    lines = [_open(height, "where in the table the rows of each finding are")]
    for place, one in enumerate(findings):
        y = place * _LINE + 4
        kind = "tick" if one.severity == FAIL else "notice"
        ticks = "".join(
            f'<line class="{kind}" x1="{x:.1f}" x2="{x:.1f}" y1="{y + 1}" y2="{y + _LINE - 7}"/>'
            for x in (_LABEL + room * min(row, rows) / max(1, rows) for row in one.rows)
        )
        middle = y + (_LINE - 6) / 2
        lines.append(
            f'<text x="{_LABEL - 8}" y="{y + 12}" text-anchor="end">{_label(one.rule)}</text>'
            f'<line class="axis" x1="{_LABEL}" x2="{_LABEL + room}" y1="{middle}" y2="{middle}"/>'
            f"{ticks}"
        )
    return "".join([*lines, "</svg>"])


def _open(height: int, label: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{html.escape(label)}" '
        f'viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}">'
    )


def _label(text: str) -> str:
    plain = "".join(c if c.isprintable() else " " for c in text)
    short = plain if len(plain) <= _MAX_LABEL else f"{plain[: _MAX_LABEL - 1]}…"
    return html.escape(short)
