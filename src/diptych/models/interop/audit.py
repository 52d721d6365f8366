"""What an auditor reads of a model: its events and a summary of its training content.

Sources: Regulation (EU) 2024/1689, Art. 12 (record-keeping), 18 and 19 (retention), 53(1)(d), and
the Commission's template for the public summary of training content of 24 July 2025. The pack
follows their structure; whether it suffices for a given system is for a lawyer to say.
"""

import html
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from diptych.core.errors import JsonValue
from diptych.models.card.schema import NOT_STATED, Card

NOT_RECORDED: Final = "not recorded"


@dataclass(frozen=True)
class AuditEvent:
    """One event: place in the log, claimed time, kind, what it says, record id, its bundle."""

    index: int
    time: str
    kind: str
    says: str
    record: str
    signers: tuple[str, ...]
    bundle: str

    def to_json(self) -> dict[str, JsonValue]:
        """Return the event as `events.json` holds it."""
        return {**vars(self), "signers": list(self.signers)}


@dataclass(frozen=True)
class AuditSource:
    """Data or a model that went in: name, role, what is recorded of it, record id."""

    name: str
    role: str
    kind: str = NOT_RECORDED
    files: str = NOT_RECORDED
    size_bytes: str = NOT_RECORDED
    licence: str = NOT_RECORDED
    collected_by: str = NOT_RECORDED
    origin: str = NOT_RECORDED
    record: str = NOT_RECORDED


@dataclass(frozen=True)
class Audited:
    """Everything that the pages say.

    Attributes:
        model: NAME@version.
        card: of the version.
        origin: of the log.
        size: of the log, up to which negative facts hold.
        made: claimed time of the pack.
        retain_until: date, YYYY-MM-DD.
        reviewer: who is to review it, empty if nobody is named.
        published: claimed time of the version's record.
        events: in log order.
        sources: what went in.
        processing: what is recorded of processing, by heading.
    """

    model: str
    card: Card
    origin: str
    size: int
    made: str
    retain_until: str
    reviewer: str
    published: str
    events: tuple[AuditEvent, ...] = ()
    sources: tuple[AuditSource, ...] = ()
    processing: tuple[tuple[str, str], ...] = field(default=())


Section = tuple[str, tuple[tuple[str, str], ...]]


def summary_sections(about: Audited) -> list[Section]:
    """Return headings of the template with fields and what is recorded for each."""
    sources = [
        (f"{number}. {one.name} ({one.role})", _source(one))
        for number, one in enumerate(about.sources, 1)
    ]
    return [
        *_general(about),
        ("2. List of data sources: recorded data sets", tuple(sources) or _NONE),
        *((title, (("Content", NOT_RECORDED),)) for title in _CATEGORIES),
        (
            "3.1 Reservation of rights from text and data mining",
            (("Measures", NOT_RECORDED), ("Licences recorded", _licences(about.sources))),
        ),
        ("3.2 Removal of illegal content", (("Measures", NOT_RECORDED),)),
        ("3.3 Other information", about.processing or _NONE),
    ]


def _general(about: Audited) -> Iterator[Section]:
    providers = ", ".join(one.name for one in about.card.contributors)
    yield (
        "1.1 Provider identification",
        (
            ("Provider name and contact details", providers or NOT_RECORDED),
            ("Authorised representative", NOT_RECORDED),
        ),
    )
    yield (
        "1.2 Model identification",
        (
            ("Versioned model name", about.model),
            ("Model dependencies", _joined(about.sources, "base")),
            ("Date of placement on the Union market", NOT_RECORDED),
            ("Date of publication in the log (claimed)", about.published),
        ),
    )
    yield (
        "1.3 Modalities, overall size and other characteristics",
        (
            ("Modality", NOT_RECORDED),
            ("Training data size", _total(about.sources)),
            ("Latest date of data acquisition", NOT_RECORDED),
            ("Linguistic characteristics", NOT_RECORDED),
            ("Task", _stated(about.card.task)),
        ),
    )


_NONE = (("Recorded", NOT_RECORDED),)
_CATEGORIES = (
    "2.1 Publicly available datasets",
    "2.2.1 Data licensed by rightsholders or their representatives",
    "2.2.2 Private datasets obtained from other third parties",
    "2.3 Data crawled and scraped from online sources",
    "2.4 User data",
    "2.5 Synthetic data",
    "2.6 Other sources",
)


def render_summary(about: Audited) -> str:
    """Return the summary as plain text in Markdown's manner."""
    lines = [f"# Summary of training content: {_line(about.model)}", ""]
    lines += [
        "After the template of 24 July 2025 for Art. 53(1)(d) of Regulation (EU) 2024/1689. "
        "Filled from signed records; what they do not say reads 'not recorded'.",
        "",
    ]
    for title, rows in summary_sections(about):
        lines += [f"## {_line(title)}", "", *(f"- {_line(a)}: {_line(b)}" for a, b in rows), ""]
    return "\n".join(lines)


def render_events(about: Audited) -> bytes:
    """Return the events as JSON."""
    said: dict[str, JsonValue] = {
        "format": "diptych-audit-events/1",
        "model": about.model,
        "log": about.origin,
        "size": about.size,
        "events": [one.to_json() for one in about.events],
    }
    return json.dumps(said, indent=1, ensure_ascii=False).encode() + b"\n"


def render_page(about: Audited) -> str:
    """Return the index page; it loads nothing and shows nothing that cannot be verified again."""
    return "\n".join(_page(about)) + "\n"


def _page(about: Audited) -> Iterator[str]:
    title = html.escape(f"Audit pack of {about.model}")
    yield f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
    yield (
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">"
    )
    yield f"<style>{_STYLE}</style><h1>{title}</h1>"
    yield _table(
        ("what", "value"),
        [
            ("Log", about.origin),
            ("Log size", str(about.size)),
            ("Made (claimed)", about.made),
            ("Retain until", about.retain_until),
            ("Reviewer", about.reviewer or NOT_RECORDED),
            ("Review: date, verdict, signature", ""),
        ],
    )
    yield (
        "<p>Check the pack as a whole: <code>diptych-verify audit.diptych.json files --policy "
        "files/policy.toml</code> in the folder above. Check one event: <code>diptych-verify "
        "bundles/N.diptych.json --policy policy.toml</code>. Get policy.toml from the provider "
        "by another way too: a policy that comes with a pack proves nothing about its sender.</p>"
    )
    yield "<h2>Events (Art. 12)</h2><p>Times are the signers' claims. That nothing else happened "
    yield f"holds as of log size {about.size}, on the log's word.</p>"
    yield "<table><tr><th>record<th>time (claimed)<th>kind<th>says<th>proof</tr>"
    for one in about.events:
        cells = (str(one.index), one.time, one.kind, one.says)
        row = "".join(f"<td>{html.escape(each)}" for each in cells)
        yield f'<tr>{row}<td><a href="{html.escape(one.bundle)}">{one.record[:16]}</a></tr>'
    yield "</table><h2>Summary of training content (Art. 53(1)(d))</h2>"
    for heading, rows in summary_sections(about):
        yield f"<h3>{html.escape(heading)}</h3>{_table(('field', 'recorded'), rows)}"
    yield '<h2>Also here</h2><p><a href="card.md">card.md</a>, <a href="card.json">card.json</a>, '
    yield '<a href="events.json">events.json</a>, <a href="summary.md">summary.md</a>, '
    yield '<a href="bom.cdx.json">bom.cdx.json</a> (CycloneDX 1.6)</p></html>'


_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:70em;margin:2em auto;padding:0 1em}"
    "table{border-collapse:collapse;width:100%}td,th{border:1px solid #bbb;padding:.3em .6em;"
    "text-align:left;vertical-align:top;overflow-wrap:anywhere}th{background:#eee}"
)


def _table(header: Sequence[str], rows: Sequence[tuple[str, str]]) -> str:
    head = "".join(f"<th>{html.escape(one)}" for one in header)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(one)}" for one in row) + "</tr>" for row in rows
    )
    return f"<table><tr>{head}</tr>{body}</table>"


def _source(one: AuditSource) -> str:
    return (
        f"kind {one.kind}; files {one.files}; bytes {one.size_bytes}; licence {one.licence}; "
        f"collected by {one.collected_by}; origin {one.origin}; source category {NOT_RECORDED}; "
        f"record {one.record}"
    )


def _total(sources: Sequence[AuditSource]) -> str:
    used = [one for one in sources if one.role == "train"]
    known = [int(one.size_bytes) for one in used if one.size_bytes.isdecimal()]
    if not known:
        return NOT_RECORDED
    rest = len(used) - len(known)
    return f"{sum(known):,} bytes" + (f", and {rest} data sets of unknown size" if rest else "")


def _joined(sources: Sequence[AuditSource], role: str) -> str:
    return ", ".join(one.name for one in sources if one.role == role) or NOT_RECORDED


def _licences(sources: Sequence[AuditSource]) -> str:
    found = sorted({one.licence for one in sources if one.licence != NOT_RECORDED})
    return ", ".join(found) or NOT_RECORDED


def _stated(text: str) -> str:
    return NOT_RECORDED if text == NOT_STATED else text


def _line(text: str) -> str:
    """Return text that stays on its line."""
    return " ".join(text.split())
