"""Colours and type of a picture, light and dark; contrast of text is at least 4.5 to 1."""

from typing import Final

_LIGHT: Final = (
    "--sheet:#ffffff;--ink:#1b1f24;--soft:#57606a;--line:#8c959f;--edge:#6e7781;"
    "--ok:#116329;--ok-fill:#f0faf2;--own:#7a4b00;--own-fill:#fff8e6;--bad:#a40e26;"
    "--bad-fill:#fff0f0;--gone:#5b4a8a;--gone-fill:#f5f2fc;--miss:#57606a;--miss-fill:#f6f8fa;"
    "--agent:#0b5cad;--agent-fill:#eef6ff"
)
_DARK: Final = (
    "--sheet:#0d1117;--ink:#e6edf3;--soft:#9da7b1;--line:#6e7681;--edge:#848d97;"
    "--ok:#56d364;--ok-fill:#0f2417;--own:#e3b341;--own-fill:#272008;--bad:#ff7b72;"
    "--bad-fill:#2d1214;--gone:#c4b0ff;--gone-fill:#1d1830;--miss:#9da7b1;--miss-fill:#161b22;"
    "--agent:#79b8ff;--agent-fill:#0c1d31"
)
_STATES: Final = {
    "verified": ("ok", ""),
    "self-asserted": ("own", ""),
    "revoked": ("bad", ""),
    "refused": ("bad", "stroke-dasharray:2 3;"),
    "erased": ("gone", "stroke-dasharray:7 4;"),
    "missing": ("miss", "stroke-dasharray:3 4;"),
    "agent": ("agent", ""),
}


def _states() -> str:
    return "".join(
        f".lineage .{state} .box{{stroke:var(--{tone});fill:var(--{tone}-fill);{more}}}"
        f".lineage .{state} .state,.lineage .{state} .bar{{fill:var(--{tone})}}"
        for state, (tone, more) in _STATES.items()
    )


STYLE: Final = (
    f".lineage{{{_LIGHT};font-family:system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',"
    "sans-serif;font-size:12px}"
    f"@media (prefers-color-scheme:dark){{.lineage{{{_DARK}}}}}"
    f":root[data-theme=light] .lineage{{{_LIGHT}}}"
    f":root[data-theme=dark] .lineage{{{_DARK}}}"
    ".lineage .sheet{fill:var(--sheet)}"
    ".lineage text{fill:var(--ink)}"
    ".lineage .title{font-size:20px;font-weight:650}"
    ".lineage .about,.lineage .kind,.lineage .index{fill:var(--soft)}"
    ".lineage .kind{font-size:11px;letter-spacing:.04em;text-transform:uppercase}"
    ".lineage .index{text-anchor:end;font-size:11px}"
    ".lineage .name{font-size:14px;font-weight:600}"
    ".lineage .state{font-weight:550}"
    ".lineage .box{stroke-width:1.5}"
    ".lineage .start .box{stroke-width:3.5}"
    ".lineage .edge{fill:none;stroke:var(--edge);stroke-width:1.4}"
    ".lineage .edge.agent{stroke-dasharray:4 3}"
    ".lineage .arrow{fill:var(--edge)}"
    ".lineage .label{text-anchor:middle;font-size:10.5px;fill:var(--soft);"
    "paint-order:stroke;stroke:var(--sheet);stroke-width:3.5px}"
    ".lineage .node:focus{outline:none}"
    ".lineage .node:focus .box{stroke-width:4}"
    f"{_states()}"
)
