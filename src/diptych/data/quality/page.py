"""A quality report as one HTML file: verdict, charts, findings; no script, nothing is loaded."""

import base64
import hashlib
import html
from typing import Final

from diptych.data.quality.findings import FAIL, RULES, Finding
from diptych.data.quality.plots import bars, row_strip
from diptych.data.quality.report import QualityReport

_ROWS_SHOWN = 20
_STRIPS = 40
_LIGHT = (
    "--ink:#1b1f24;--soft:#57606a;--sheet:#fff;--line:#d0d7de;--ok:#116329;--bad:#a40e26;"
    "--bar:#0b5cad"
)
_DARK = (
    "--ink:#e6edf3;--soft:#9da7b1;--sheet:#0d1117;--line:#30363d;--ok:#56d364;--bad:#ff7b72;"
    "--bar:#79b8ff"
)
STYLES: Final = (
    f":root{{{_LIGHT}}}@media (prefers-color-scheme:dark){{:root{{{_DARK}}}}}"
    "body{margin:0 auto;padding:1.5rem;max-width:60rem;color:var(--ink);background:var(--sheet);"
    "font:15px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif}"
    "h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem}p{margin:.3rem 0}"
    ".soft{color:var(--soft)}.pass{color:var(--ok)}.fail{color:var(--bad)}"
    ".wide{overflow-x:auto}table{border-collapse:collapse;width:100%}"
    "th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;"
    "border-bottom:1px solid var(--line)}"
    "td.number{text-align:right;font-variant-numeric:tabular-nums}code{overflow-wrap:anywhere}"
    "svg{max-width:100%;height:auto}svg text{fill:var(--ink);font-size:12px}"
    "svg .bar{fill:var(--bar)}svg .over{fill:var(--bad)}svg .axis{stroke:var(--line)}"
    "svg .limit{stroke:var(--bad);stroke-dasharray:4 3}"
    "svg .tick{stroke:var(--bad);stroke-width:1.5}"
    "svg .notice{stroke:var(--soft);stroke-width:1.5}"
)


def report_page(report: QualityReport, *, title: str, about: str = "") -> str:
    """Return the page of a report.

    Args:
        report: what it shows.
        title: of the page.
        about: one line on what was checked and where that is recorded.
    """
    digest = base64.b64encode(hashlib.sha256(STYLES.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    passed = report.verdict == "pass"
    verdict = "Passed" if passed else f"Failed: {len(report.failures)} rules are not met"
    return "\n".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width,initial-scale=1">',
            f"<title>{_safe(title)}</title><style>{STYLES}</style></head><body>",
            f"<h1>{_safe(title)}</h1>",
            f'<p class="{report.verdict}"><strong>{verdict}</strong></p>',
            f'<p class="soft">{report.rows:,} rows, {report.columns:,} columns. {_safe(about)}</p>',
            *_findings(report),
            *_strips(report),
            *_charts(report),
            *_looked(report),
            "</body></html>",
        ]
    )


def _findings(report: QualityReport) -> list[str]:
    if not report.findings:
        return ["<h2>Findings</h2><p>None.</p>"]
    heads = "".join(f'<th scope="col">{one}</th>' for one in ("Rule", "What", "Count", "Rows"))
    return [
        "<h2>Findings</h2>",
        f'<div class="wide"><table><thead><tr>{heads}</tr></thead><tbody>',
        *map(_row, report.findings),
        "</tbody></table></div>",
    ]


def _row(one: Finding) -> str:
    rows = ", ".join(map(str, one.rows[:_ROWS_SHOWN]))
    if rows and one.count > _ROWS_SHOWN:
        rows += ", …"
    shown = f"<br>for example {_safe(', '.join(one.shown))}" if one.shown else ""
    tone = "fail" if one.severity == FAIL else "soft"
    return (
        f'<tr><td><code class="{tone}">{_safe(one.rule)}</code><br>{one.severity}</td>'
        f"<td>{_safe(one.text)}{shown}<br>"
        f'<span class="soft">{_safe(RULES.get(one.kind, ""))}</span></td>'
        f'<td class="number">{one.count:,}</td><td>{rows}</td></tr>'
    )


def _strips(report: QualityReport) -> list[str]:
    found = [one for one in report.findings if one.rows][:_STRIPS]
    if not found:
        return []
    return ["<h2>Where in the table</h2>", row_strip(found, report.rows)]


def _charts(report: QualityReport) -> list[str]:
    return [f"<h2>{_safe(one.title)}</h2>{bars(one)}" for one in report.charts if one.values]


def _looked(report: QualityReport) -> list[str]:
    looked = "".join(
        f"<tr><td>{_safe(name)}</td><td>{_safe(text)}</td></tr>"
        for name, text in sorted(report.looked.items())
    )
    tools = ", ".join(f"{name} {version}" for name, version in sorted(report.tools.items()))
    return [
        f"<h2>What was looked at</h2><table><tbody>{looked}</tbody></table>",
        f'<p class="soft">Rules <code>{report.rules}</code>. {_safe(tools)}.</p>',
    ]


def _safe(text: str) -> str:
    return html.escape("".join(c if c.isprintable() else " " for c in text))
