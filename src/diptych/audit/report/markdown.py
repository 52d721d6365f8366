"""A report as Markdown, short enough for a comment on a change."""

from collections.abc import Iterator

from diptych.audit.finding import Finding
from diptych.audit.report.escaping import code, words
from diptych.audit.report.terminal import partial_lines, spoken, totals
from diptych.audit.risk import exposure_words
from diptych.audit.triage.triaged import Triaged

__all__ = ["markdown"]

_MAX_CHARACTERS = 60_000
"""Hosting services take about 65,000 characters a comment."""
_SHOWN = 100
_SHOWN_RISKS = 20
_SIGNS = {"high": "🔴", "medium": "🟠", "low": "🟡", "info": "⚪"}


def markdown(triaged: Triaged) -> str:
    """Write a table of findings, new ones first, with details that fold away."""
    head = ["## diptych audit", "", f"**{words(totals(triaged))}**", ""]
    tail = [*_risks(triaged), *_rest(triaged)]
    room = _MAX_CHARACTERS - sum(len(line) + 1 for line in (*head, *tail))
    pairs = sorted(triaged.shown.fingerprints, key=lambda pair: triaged.state(pair[1]) != "new")
    body: list[str] = []
    for at, (finding, name) in enumerate(pairs):
        lines = list(_finding(triaged, finding, name))
        room -= sum(len(line) + 1 for line in lines)
        if at >= _SHOWN or room < 0:
            body += [f"… and {len(pairs) - at} more", ""]
            break
        body += lines
    return "\n".join([*head, *body, *tail]).rstrip()


def _finding(triaged: Triaged, finding: Finding, name: str) -> Iterator[str]:
    place = finding.location
    state = triaged.state(name)
    new = f" **{state}**" if state else ""
    inside = ".".join(each for each in (place.contract, place.function) if each)
    yield (
        f"<details><summary>{_SIGNS[finding.severity]} {finding.severity}{new} "
        f"{code(finding.rule.id)} {code(f'{place.path}:{place.line}')} {code(inside)}: "
        f"{words(finding.message)}</summary>"
    )
    yield ""
    text = triaged.report.texts.get(place.path)
    if text is not None:
        yield f"<pre>{code(text.line(place.line).strip()[:200])}</pre>"
        yield ""
    for other in finding.related:
        yield f"- belongs to it: {code(f'{other.path}:{other.line}')}"
    risk = f"{finding.risk or 0:.0f} of 100: {exposure_words(finding)}{spoken(finding)}"
    yield f"- risk {words(risk)}"
    yield f"- fix: {words(finding.rule.fix)}"
    yield f"- fingerprint {code(name)}, classes {words(_classes(finding))}"
    yield from ("", "</details>", "")


def _classes(finding: Finding) -> str:
    return " ".join(each for each in (finding.rule.swc, finding.rule.cwe) if each)


def _risks(triaged: Triaged) -> Iterator[str]:
    if not triaged.risks:
        return
    yield from ("| contract | risk of 100 | findings |", "|---|---|---|")
    for risk in triaged.risks[:_SHOWN_RISKS]:
        name = code(f"{risk.path} {risk.contract}".strip())
        yield f"| {name} | {risk.score:.1f} | {len(risk.parts)} |"
    yield ""


def _rest(triaged: Triaged) -> Iterator[str]:
    for one in triaged.fixed[:_SHOWN_RISKS]:
        yield f"- fixed: {code(one.rule)} {code(one.where)}"
    for line in (*triaged.notices[:_SHOWN_RISKS], *partial_lines(triaged)):
        yield f"- {words(line)}"
