"""A report as one HTML file: risk, findings, graphs, source; no script, nothing is loaded."""

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from diptych.audit.finding import Finding
from diptych.audit.report.escaping import markup
from diptych.audit.report.heat import heated
from diptych.audit.report.page_style import STYLES
from diptych.audit.report.picture import Picture, drawn
from diptych.audit.report.terminal import spoken, totals
from diptych.audit.risk import ContractRisk, exposure_words
from diptych.audit.triage.triaged import Triaged

__all__ = ["Illustrations", "report_page"]

_MAX_FINDINGS = 2_000
_MAX_FILES = 300
_MAX_RISKS = 200
_MAX_PARTIAL = 200


@dataclass(frozen=True)
class Illustrations:
    """What a page shows beside words.

    Attributes:
        charts: titles and SVG documents.
        graphs: pictures of contracts by path and name.
        notes: what could not be shown, and why.
    """

    charts: Sequence[tuple[str, bytes]] = ()
    graphs: Mapping[tuple[str, str], Picture] = field(default_factory=dict)
    notes: Sequence[str] = ()


def report_page(triaged: Triaged, title: str, illustrations: Illustrations) -> str:
    """Return the page of a report."""
    digest = base64.b64encode(hashlib.sha256(STYLES.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; "
        "form-action 'none'"
    )
    return "\n".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width,initial-scale=1">',
            f"<title>{markup(title)}</title><style>{STYLES}</style></head><body>",
            f"<h1>{markup(title)}</h1><p>{markup(totals(triaged))}</p>",
            *(f'<p class="soft">{markup(note)}</p>' for note in illustrations.notes),
            *(_chart(name, svg) for name, svg in illustrations.charts),
            *_risks(triaged.risks),
            *_findings(triaged),
            *_graphs(illustrations.graphs),
            *_sources(triaged),
            *_rest(triaged),
            "</body></html>",
        ]
    )


def _chart(name: str, svg: bytes) -> str:
    data = base64.b64encode(svg).decode()
    shown = markup(name)
    return f'<h2>{shown}</h2><img alt="{shown}" src="data:image/svg+xml;base64,{data}">'


def _risks(risks: Sequence[ContractRisk]) -> Iterator[str]:
    if not risks:
        return
    yield (
        "<h2>How each score comes about</h2><p class='soft'>100 (1 - product of (1 - weight x "
        "risk / 100)) over the findings of a contract; the factors are diptych's own.</p>"
    )
    for risk in risks[:_MAX_RISKS]:
        name = markup(f"{risk.contract or 'file'} ({risk.path})")
        items = "".join(
            f'<li><a href="#f-{part.fingerprint}">{markup(part.sentence())}</a></li>'
            for part in risk.parts
        )
        summary = f"<summary><b>{risk.score:.1f}</b> {name}</summary>"
        yield f"<details>{summary}<ul>{items}</ul></details>"
    if len(risks) > _MAX_RISKS:
        yield f"<p>{len(risks) - _MAX_RISKS} more contracts.</p>"


def _findings(triaged: Triaged) -> Iterator[str]:
    named = triaged.report.fingerprints
    yield "<h2>Findings</h2>"
    if not named:
        yield "<p>None.</p>"
    order = sorted(named, key=lambda pair: pair[1] in triaged.suppressed)
    yield from (_finding(triaged, one, name) for one, name in order[:_MAX_FINDINGS])
    if len(order) > _MAX_FINDINGS:
        yield f"<p>{len(order) - _MAX_FINDINGS:,} more findings; the JSON report lists all.</p>"


def _finding(triaged: Triaged, finding: Finding, name: str) -> str:
    place, rule = finding.location, finding.rule
    inside = ".".join(each for each in (place.contract, place.function) if each)
    classes = " ".join(each for each in (rule.swc, rule.cwe, rule.owasp) if each)
    given = triaged.suppressed.get(name)
    tone = f"{finding.severity} suppressed" if given else finding.severity
    state = triaged.state(name)
    risk = f"risk {finding.risk or 0:.0f} of 100: {exposure_words(finding)}{spoken(finding)}"
    parts = [
        f'<article class="{tone}" id="f-{name}"><h3><b>{finding.severity}</b> '
        f"{markup(rule.title)}{f' ({state})' if state else ''}</h3>",
        f'<p><a href="#s-f-{name}"><code>{markup(place.path)}:{place.line}</code></a> '
        f"{markup(inside)} · <code>{markup(rule.id)}</code> {markup(classes)}</p>",
        f"<p>{markup(finding.message)}</p>",
    ]
    text = triaged.report.texts.get(place.path)
    if text is not None:
        line = markup(text.line(place.line)[:240])
        parts.append(
            f'<pre class="source"><span class="h3"><i>{place.line:5}</i> {line}</span></pre>'
        )
    parts += [
        f'<p class="soft">{markup(risk)}</p>',
        f"<p>How: {markup(rule.scenario)}</p><p>Fix: {markup(rule.fix)}</p>",
    ]
    patch = triaged.patches.get(name)
    if patch is not None:
        parts.append(
            f"<p>Checked patch: {markup(patch.description)}</p>"
            f'<pre class="diff">{_lines(patch.diff)}</pre>'
        )
    if given is not None:
        parts.append(f"<p>Suppressed at {markup(given.origin)}: {markup(given.reason)}</p>")
    parts.append(f'<p class="soft">fingerprint <code>{name}</code></p></article>')
    return "".join(parts)


def _lines(text: str) -> str:
    return "\n".join(markup(line) for line in text.splitlines())


def _graphs(graphs: Mapping[tuple[str, str], Picture]) -> Iterator[str]:
    if graphs:
        yield (
            "<h2>Graphs</h2><p class='soft'>Functions that can be entered, with who can use them; "
            "the state they write (dashed) and whom they call.</p>"
        )
    for (path, contract), picture in graphs.items():
        name = markup(f"{contract} ({path})")
        svg = drawn(picture, f"graph of {contract}")
        yield f"<details><summary>{name}</summary><div class='wide'>{svg}</div></details>"


def _sources(triaged: Triaged) -> Iterator[str]:
    by_path: dict[str, list[tuple[Finding, str]]] = {}
    for finding, name in triaged.shown.fingerprints:
        by_path.setdefault(finding.location.path, []).append((finding, name))
    if by_path:
        yield "<h2>Source</h2><p class='soft'>The warmer, the more risk.</p>"
    riskiest = sorted(by_path.items(), key=lambda item: -max(f.risk or 0.0 for f, _ in item[1]))
    for path, pairs in riskiest[:_MAX_FILES]:
        text = triaged.report.texts.get(path)
        if text is not None:
            anchors = {one.location.line: f"f-{name}" for one, name in reversed(pairs)}
            body = heated(text, [one for one, _ in pairs], anchors)
            yield f"<details><summary><code>{markup(path)}</code></summary>{body}</details>"


def _rest(triaged: Triaged) -> Iterator[str]:
    partial = [file for file in triaged.report.files if file.reasons]
    if partial:
        yield "<h2>Not analysed whole</h2><table><tbody>"
        for file in partial[:_MAX_PARTIAL]:
            reasons = markup("; ".join(file.reasons))
            yield f"<tr><td><code>{markup(file.path)}</code></td><td>{reasons}</td></tr>"
        yield "</tbody></table>"
    if triaged.notices or triaged.fixed:
        yield "<h2>Notices</h2><ul>"
        yield from (f"<li>{markup(notice)}</li>" for notice in triaged.notices[:_MAX_PARTIAL])
        yield from (
            f"<li>fixed: {markup(one.rule)} {markup(one.where)}</li>"
            for one in triaged.fixed[:_MAX_PARTIAL]
        )
        yield "</ul>"
