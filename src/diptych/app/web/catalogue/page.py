"""The page of the catalogue: one HTML file, nothing loaded from anywhere.

All that it shows of a record is what `check.js` reads from the signed statement, as pairs of name
and text; the script compares the two, so that a changed page says so itself.
"""

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from importlib.resources import files

from diptych.app.verbs.records import Record
from diptych.core.canonical import canonical_json
from diptych.core.errors import JsonValue
from diptych.provenance.graph.extract import version_claim
from diptych_verify.wording import counted

FORMAT = "diptych-catalogue/1"
_HEADINGS = {
    "dataset": "Sealed",
    "private": "Sealed privately",
    "model": "Published",
    "licence": "Terms",
    "grant": "Grant",
    "share": "Access given",
    "access": "Access used",
    "erased": "Erased",
    "quality": "Quality",
    "revocation": "Revoked",
    "approval": "Approval",
}


@dataclass(frozen=True)
class CatalogueEntry:
    """One record that is shown: what it is, and its inclusion proof under the checkpoint."""

    record: Record
    proof: tuple[bytes, ...] = field(repr=False)

    def to_json(self) -> dict[str, JsonValue]:
        """Return it as a bundle holds records."""
        return {
            "index": self.record.index,
            "envelope": self.record.envelope.decode(),
            "proof": base64.b64encode(b"".join(self.proof)).decode(),
        }


@dataclass(frozen=True)
class CatalogueData:
    """What a catalogue shows.

    Attributes:
        log: the log's verifier key.
        checkpoint: signed note under which all is proven.
        assets: title and entries of each asset version: the asset first, then what concerns it.
        keys: key records that judge the signers.
        licences: licence documents by digest.
    """

    log: str
    checkpoint: str
    assets: Sequence[tuple[str, tuple[CatalogueEntry, ...]]]
    keys: Sequence[CatalogueEntry]
    licences: Mapping[str, bytes]

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `catalogue.json` holds; records as in a bundle, each once."""
        entries = [one for _, found in self.assets for one in found] + list(self.keys)
        each = {one.record.index: one for one in entries}
        return {
            "format": FORMAT,
            "log": self.log,
            "checkpoint": self.checkpoint,
            "records": [each[index].to_json() for index in sorted(each)],
            "licences": {name: raw.decode() for name, raw in sorted(self.licences.items())},
        }


def facts(record: Record) -> list[tuple[str, str]]:
    """Return what a page shows of a record; `facts` in check.js gives the same."""
    statement = record.statement
    found = [("record", str(record.index)), ("id", record.record), ("kind", statement.kind)]
    found += [("about", record.name), ("time", statement.time)]
    found += [("signed by", keyid) for keyid in record.signers]
    for edge in statement.edges:
        extra = dict(edge.extra)
        if edge.record is not None and not extra:
            found.append((edge.relation, edge.record.hex()))
            continue
        pointer: dict[str, JsonValue] = {"record": edge.record.hex()} if edge.record else {}
        found += _flat({**extra, **pointer}, edge.relation)
    said = {k: v for k, v in statement.predicate.items() if k not in ("time", "edges")}
    return found + list(_flat(said, ""))


def heading(record: Record) -> str:
    """Return the heading of an entry; `heading` in check.js gives the same."""
    statement = record.statement
    return f"{_HEADINGS.get(statement.kind, statement.kind)} · {statement.time[:10]}"


def title_of(record: Record) -> str:
    """Return the heading of an asset; `titleOf` in check.js gives the same."""
    claim = version_claim(record.statement)
    return f"{claim[1]}@{claim[2]}" if claim else f"{record.name} (record {record.index})"


def catalogue_page(data: CatalogueData, title: str) -> str:
    """Return the page as HTML."""
    style, check, page = (_part(name) for name in ("page.css", "check.js", "page.js"))
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; "
        f"script-src '{_digest(check)}' '{_digest(page)}'; base-uri 'none'; form-action 'none'"
    )
    # `<` cannot stand in a script element's text as it is; JSON has another way to write it.
    held = canonical_json(data.to_json()).decode().replace("<", "\\u003c")
    origin, size = data.checkpoint.split("\n")[:2]
    return "\n".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width,initial-scale=1">',
            f"<title>{escape(title)}</title><style>{style}</style></head><body>",
            f"<header><h1>{escape(title)}</h1>",
            f"<p>{counted(len(data.assets), 'version')} in log <code>{escape(origin)}</code>, "
            f"as of {escape(size)} records. What is not revoked holds up to there.</p>",
            '<p id="status" role="status" aria-live="polite">Not checked: this page checks itself '
            "with a script.</p>",
            '<p class="soft">Your browser recomputes each record and its place in the log. That '
            "the log is the right one you see from its key: compare it with what you got from its "
            f"owner.</p><pre>{escape(data.log)}</pre>",
            '<p class="soft"><a href="catalogue.json">catalogue.json</a> · '
            '<a href="log/checkpoint">log/checkpoint</a> (the whole log as tlog-tiles)</p>',
            '<label for="only">Show only what contains</label><input id="only" type="search">',
            "</header><main>",
            *(part for name, found in data.assets for part in _asset(name, found, data.licences)),
            "</main>",
            f'<script type="application/json" id="catalogue">{held}</script>',
            f"<script>{check}</script><script>{page}</script></body></html>",
        ]
    )


def _asset(
    name: str, entries: Sequence[CatalogueEntry], licences: Mapping[str, bytes]
) -> Iterator[str]:
    yield f'<section data-asset="{entries[0].record.index}"><h2>{_safe(name)}</h2>'
    for entry in entries:
        record = entry.record
        yield f'<article data-index="{record.index}"><h3>{_safe(heading(record))}</h3>'
        yield '<p class="check">not checked</p>'
        yield "<details><summary>What the record says</summary><dl>"
        yield "".join(f"<dt>{_safe(n)}</dt><dd>{_safe(t)}</dd>" for n, t in facts(record))
        yield "</dl></details>"
        yield from _terms(record, licences)
        yield "</article>"
    yield "</section>"


def _terms(record: Record, licences: Mapping[str, bytes]) -> Iterator[str]:
    claim = record.statement.predicate.get("licence")
    digest = claim.get("digest") if isinstance(claim, dict) else None
    document = licences.get(digest) if isinstance(digest, str) else None
    if document is not None:
        text = escape(document.decode(), quote=False)
        yield f"<details><summary>Terms</summary><pre data-terms>{text}</pre></details>"


def _flat(value: JsonValue, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key in sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass")):
            yield from _flat(value[key], f"{path}.{key}" if path else key)
        return
    yield path, value if isinstance(value, str) else _text(value)


def _text(value: JsonValue) -> str:
    return canonical_json(value).decode()


def _safe(text: str) -> str:
    """Escape text so that a parser gives back exactly these characters."""
    return escape(text).replace("\r", "&#13;")


def _part(name: str) -> str:
    return files("diptych.app.web.catalogue").joinpath(name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
