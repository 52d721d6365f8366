"""A lineage as one HTML file: picture, table, and how to verify it; nothing is loaded from a host.

The policy in its head lets a browser run exactly the script and styles that are written here.
"""

import base64
import hashlib
from typing import Final

from diptych.core.clock import iso_utc
from diptych.provenance.graph.lineage import Lineage, LineageNode
from diptych.provenance.graph.page_parts import SCRIPT, STYLES
from diptych.provenance.graph.style import STYLE
from diptych.provenance.graph.svg import lineage_svg
from diptych.provenance.graph.wording import (
    MARKS,
    MEANINGS,
    safe,
    said,
    state_text,
    summary_of,
    title_of,
)

_HEADINGS: Final = ("Hop", "Record", "Kind", "Name", "State", "Why", "Claimed", "Signed by", "Id")


def lineage_page(lineage: Lineage) -> str:
    """Return the page of a lineage."""
    title = safe(title_of(lineage))
    hashes = " ".join(f"'{_digest(text)}'" for text in (STYLES, STYLE))
    policy = (
        f"default-src 'none'; style-src {hashes}; script-src '{_digest(SCRIPT)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    start = lineage.node(lineage.start)
    return "\n".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width,initial-scale=1">',
            f"<title>{title}</title><style>{STYLES}</style></head><body>",
            f"<header><h1>{title}</h1><p>{safe(summary_of(lineage))}</p>",
            *(f'<p class="note">{safe(note)}</p>' for note in lineage.notes),
            '<div class="tools" role="toolbar" aria-label="Picture">'
            '<button id="closer" type="button">Closer</button>'
            '<button id="wider" type="button">Wider</button>'
            '<button id="whole" type="button">Whole</button>'
            '<button id="theme" type="button">Light or dark</button>'
            "<span>Drag to move, wheel to zoom, arrows, + and - by keyboard.</span></div></header>",
            '<main><div id="view" tabindex="0" role="region" aria-label="Picture of the lineage">',
            lineage_svg(lineage),
            '</div><p id="chosen" aria-live="polite">Choose a node to read about it.</p>',
            *_table(lineage),
            *_meanings(lineage),
            "<h2>Verify it yourself</h2><p>The states above were found when this page was written. "
            "In the workspace run the first line; to let a stranger check, send them the file of "
            "the second, which <code>diptych-verify</code> checks offline.</p>"
            f"<pre>diptych verify {safe(str(start.index))} --lineage\n"
            f"diptych bundle {safe(str(start.index))} --lineage -o lineage.diptych.json</pre>",
            f"</main><script>{SCRIPT}</script></body></html>",
        ]
    )


def _table(lineage: Lineage) -> list[str]:
    why: dict[str, list[str]] = {}
    for edge in lineage.edges:
        names = lineage.node(edge.source).shown_name, lineage.node(edge.target).shown_name
        why.setdefault(edge.target, []).append(f"{names[0]} is {said(edge.relation)} it")
        why.setdefault(edge.source, []).append(f"{said(edge.relation)} {names[1]}")
    rows = [_row(node, why.get(node.key, [])) for node in lineage.nodes]
    heads = "".join(f'<th scope="col">{name}</th>' for name in _HEADINGS)
    return [
        "<h2>Records</h2>",
        f'<div class="wide"><table><thead><tr>{heads}</tr></thead><tbody>',
        *rows,
        "</tbody></table></div>",
    ]


def _row(node: LineageNode, why: list[str]) -> str:
    cells = [
        str(node.hops),
        "" if node.index is None else str(node.index),
        node.kind,
        node.shown_name,
        state_text(node),
        "; ".join(dict.fromkeys(why)),
        "" if node.time_s is None else iso_utc(node.time_s),
        "; ".join(node.signed_by),
        node.record,
    ]
    state = "agent" if node.state is None else node.state.value
    body = "".join(f"<td>{safe(cell)}</td>" for cell in cells)
    return f'<tr class="{state}" title="{safe(node.reason)}">{body}</tr>'


def _meanings(lineage: Lineage) -> list[str]:
    shown = [state for state in MARKS if lineage.count(state)]
    items = [f"<dt>{MARKS[state]} {state.value}</dt><dd>{MEANINGS[state]}</dd>" for state in shown]
    return ["<h2>States</h2><dl>", *items, "</dl>"]


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
