"""Styles and script of the page of a lineage, as they stand in the file."""

from typing import Final

STYLES: Final = """
:root{color-scheme:light dark;--paper:#fff;--ink:#1b1f24;--soft:#57606a;--rule:#d0d7de}
@media (prefers-color-scheme:dark){
:root{--paper:#0d1117;--ink:#e6edf3;--soft:#9da7b1;--rule:#30363d}}
:root[data-theme=light]{color-scheme:light;--paper:#fff;--ink:#1b1f24;--soft:#57606a;--rule:#d0d7de}
:root[data-theme=dark]{color-scheme:dark;--paper:#0d1117;--ink:#e6edf3;--soft:#9da7b1;--rule:#30363d}
body{margin:0;padding:1.2rem 1.6rem 3rem;background:var(--paper);color:var(--ink);
font:14px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
h1{font-size:1.4rem;margin:0}h2{font-size:1.05rem;margin:1.8rem 0 .5rem}
header p{margin:.2rem 0;color:var(--soft)}.note{font-weight:600}
.tools{display:flex;gap:.5rem;align-items:center;flex-wrap:wrap;margin:.8rem 0}
.tools span{color:var(--soft)}
button{font:inherit;padding:.25rem .7rem;border:1px solid var(--rule);border-radius:6px;
background:transparent;color:inherit;cursor:pointer}
#view{border:1px solid var(--rule);border-radius:8px;height:62vh;overflow:hidden;cursor:grab;
touch-action:none}
#view.moving{cursor:grabbing}#view svg{display:block;width:100%;height:100%}
#chosen{min-height:1.5em;color:var(--soft)}
.wide{overflow-x:auto}table{border-collapse:collapse;font-size:13px}
th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid var(--rule);vertical-align:top}
td:nth-child(8),td:nth-child(9){font-family:ui-monospace,monospace;font-size:11px;
overflow-wrap:anywhere;min-width:14rem}
dt{font-weight:600}dd{margin:0 0 .4rem 1.2rem}
pre{padding:.7rem;border:1px solid var(--rule);border-radius:6px;overflow-x:auto}
@media print{.tools,#chosen{display:none}#view{height:auto;border:0}}
"""

SCRIPT: Final = """
"use strict";
(() => {
  const view = document.getElementById("view"), svg = view.querySelector("svg");
  const full = svg.viewBox.baseVal, whole = [full.x, full.y, full.width, full.height];
  let box = whole.slice();
  const show = () => svg.setAttribute("viewBox", box.join(" "));
  const scale = () => {
    const r = svg.getBoundingClientRect();
    return Math.max(box[2] / r.width, box[3] / r.height);
  };
  const zoom = (factor, x, y) => {
    const width = Math.min(Math.max(box[2] * factor, 120), whole[2] * 4);
    const by = width / box[2];
    box = [x - (x - box[0]) * by, y - (y - box[1]) * by, width, box[3] * by];
    show();
  };
  const middle = () => [box[0] + box[2] / 2, box[1] + box[3] / 2];
  const at = (event) => {
    const point = new DOMPoint(event.clientX, event.clientY)
      .matrixTransform(svg.getScreenCTM().inverse());
    return [point.x, point.y];
  };
  view.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(Math.exp(Math.sign(event.deltaY) * 0.18), ...at(event));
  }, {passive: false});
  let from = null;
  view.addEventListener("pointerdown", (event) => {
    from = [event.clientX, event.clientY, box[0], box[1], scale()];
    view.classList.add("moving");
  });
  addEventListener("pointermove", (event) => {
    if (!from) return;
    box[0] = from[2] - (event.clientX - from[0]) * from[4];
    box[1] = from[3] - (event.clientY - from[1]) * from[4];
    show();
  });
  addEventListener("pointerup", () => { from = null; view.classList.remove("moving"); });
  const keys = {
    ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
  };
  view.addEventListener("keydown", (event) => {
    if (keys[event.key]) {
      box[0] += keys[event.key][0] * box[2] / 10;
      box[1] += keys[event.key][1] * box[3] / 10;
      show();
    } else if (event.key === "+" || event.key === "=") zoom(0.8, ...middle());
    else if (event.key === "-") zoom(1.25, ...middle());
    else if (event.key === "0") { box = whole.slice(); show(); }
    else return;
    event.preventDefault();
  });
  const press = (id, act) => document.getElementById(id).addEventListener("click", act);
  press("closer", () => zoom(0.75, ...middle()));
  press("wider", () => zoom(1.33, ...middle()));
  press("whole", () => { box = whole.slice(); show(); });
  press("theme", () => {
    const root = document.documentElement, system = matchMedia("(prefers-color-scheme: dark)");
    const now = root.dataset.theme || (system.matches ? "dark" : "light");
    root.dataset.theme = now === "dark" ? "light" : "dark";
  });
  const chosen = document.getElementById("chosen");
  for (const node of svg.querySelectorAll("g.node[data-key]")) {
    const tell = () => { chosen.textContent = node.getAttribute("aria-label"); };
    node.addEventListener("focus", tell);
    node.addEventListener("click", tell);
  }
})();
"""
