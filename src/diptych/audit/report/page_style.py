"""Styles of the audit page, as they stand in the file."""

from typing import Final

__all__ = ["STYLES"]

STYLES: Final = """
:root{--ink:#1b1f24;--soft:#57606a;--sheet:#fff;--line:#d0d7de;--high:#a40e26;--medium:#bc4c00;
--low:#9a6700;--info:#57606a;--h:164,14,38}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9da7b1;--sheet:#0d1117;
--line:#30363d;--high:#ff7b72;--medium:#ffa657;--low:#e3b341;--info:#9da7b1;--h:255,123,114}}
body{margin:0 auto;padding:1.5rem;max-width:70rem;color:var(--ink);background:var(--sheet);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
h1{font-size:1.5rem;margin:0}h2{font-size:1.15rem;margin:2rem 0 .5rem}h3{font-size:1rem;margin:0}
p{margin:.3rem 0}.soft{color:var(--soft)}.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;
padding:.3rem .6rem;border-bottom:1px solid var(--line)}
td.number{text-align:right;font-variant-numeric:tabular-nums}
code{overflow-wrap:anywhere}
article{border:1px solid var(--line);border-left-width:5px;border-radius:6px;padding:.6rem 1rem;
margin:.8rem 0}
article.high{border-left-color:var(--high)}article.medium{border-left-color:var(--medium)}
article.low{border-left-color:var(--low)}article.info{border-left-color:var(--info)}
article.suppressed{opacity:.65}
.high b{color:var(--high)}.medium b{color:var(--medium)}.low b{color:var(--low)}
pre{overflow-x:auto;font:12.5px/1.45 ui-monospace,"DejaVu Sans Mono",monospace;
border:1px solid var(--line);border-radius:6px;padding:.5rem 0;margin:.5rem 0}
pre.diff{padding:.5rem .8rem}
pre.source span{display:inline-block;min-width:100%;padding:0 .6rem;box-sizing:border-box}
pre.source i{color:var(--soft);font-style:normal;user-select:none}
pre.source a{color:inherit}.gap{color:var(--soft)}
.h1{background:rgba(var(--h),.07)}.h2{background:rgba(var(--h),.14)}.h3{background:rgba(var(--h),.22)}
.h4{background:rgba(var(--h),.32)}.h5{background:rgba(var(--h),.45)}
details summary{cursor:pointer}img{max-width:100%;background:#fff;border-radius:6px}
svg.graph{max-width:100%;height:auto}svg text{fill:var(--ink);font-size:14px}
svg .about{fill:var(--soft);font-size:12px}
svg rect{fill:var(--sheet);stroke:var(--line);stroke-width:1.5}
svg .high rect{stroke:var(--high);stroke-width:3}
svg .medium rect{stroke:var(--medium);stroke-width:3}
svg .low rect{stroke:var(--low);stroke-width:2}svg .state rect{stroke-dasharray:5 3}
svg .arrow{fill:none;stroke:var(--soft);stroke-width:1.2}
"""
