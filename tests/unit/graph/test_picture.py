"""Pictures and exports: well-formed, complete, harmless whatever a record is called."""

import base64
import hashlib
import itertools
import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.graph.book import Book
from tests.unit.graph.test_states import lineage_of

from diptych.provenance.graph.layers import Virtual, layered
from diptych.provenance.graph.layout import NODE_HEIGHT, NODE_WIDTH, layout
from diptych.provenance.graph.lineage import Lineage, LineageEdge, LineageNode
from diptych.provenance.graph.page import lineage_page
from diptych.provenance.graph.prov import prov_json
from diptych.provenance.graph.states import State
from diptych.provenance.graph.svg import lineage_svg
from diptych.provenance.graph.terms import NodeType
from diptych.provenance.graph.wording import MARKS, MEANINGS, cut

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "<script>alert(1)</script>\"'&]]>--><svg/onload=x>\u202e\x1b[2J\x00\ud800"
PAIRS = st.lists(st.tuples(st.integers(0, 14), st.integers(0, 14)), max_size=50)


def drawn(name: str, state: State | None = State.VERIFIED) -> Lineage:
    start = LineageNode("1", NodeType.ENTITY, "dataset", name, state, "why", 1, "ab" * 32, 0)
    agent = LineageNode(f"agent:{name}", NodeType.AGENT, "agent", name, None)
    edge = LineageEdge("1", "attributedTo", f"agent:{name}", {"agent": name, "role": name})
    return Lineage("1", "diptych.log/00", 2, (start, agent), (edge,), notes=(name,))


class Page(HTMLParser):
    """Collects what a browser would run or load."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loads: list[tuple[str, str | None]] = []
        self.handlers: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name in {"src", "href", "data", "srcset", "action", "xlink:href"}:
                self.loads.append((name, value))
            if name.startswith("on"):
                self.handlers.append(name)


def test_svg_shows_every_node_with_its_state(study: Book) -> None:
    found = lineage_of(study, "model")
    root = ElementTree.fromstring(lineage_svg(found))
    groups = [one for one in root.iter(f"{SVG}g") if one.get("data-key")]
    assert {one.get("data-key") for one in groups} == {node.key for node in found.nodes}
    text = " ".join("".join(one.itertext()) for one in groups)
    assert text.count(MARKS[State.VERIFIED]) == 6
    assert all(one.get("aria-label") for one in groups)
    assert root.find(f"{SVG}title") is not None
    paths = [one for one in root.iter(f"{SVG}path") if "edge" in str(one.get("class"))]
    assert len(paths) == len({(edge.source, edge.target) for edge in found.edges})


@pytest.mark.parametrize("state", list(State))
def test_each_state_has_word_mark_and_meaning(state: State) -> None:
    svg = lineage_svg(drawn("x", state))
    assert f"{MARKS[state]} {state.value}" in svg
    assert f".{state.value} .box" in svg
    assert MEANINGS[state] in lineage_page(drawn("x", state))


def test_a_partly_erased_node_says_so() -> None:
    node = LineageNode("1", NodeType.ENTITY, "private", "p", State.VERIFIED, erased_leaves=3)
    svg = lineage_svg(Lineage("1", "o", 1, (node,), ()))
    assert "verified, ⌫ in part" in svg


@pytest.mark.parametrize("name", [HOSTILE, "", "画" * 60, "a" * 5_000, "</style>", "{{7*7}}"])
def test_hostile_names_stay_text(name: str) -> None:
    found = drawn(name)
    ElementTree.fromstring(lineage_svg(found))
    page = Page(lineage_page(found))
    assert page.tags.count("script") == 1
    assert page.tags.count("style") == 2
    assert page.handlers == []
    assert page.loads == []
    assert "\x1b" not in lineage_page(found)
    assert "\u202e" not in lineage_page(found)
    lineage_page(found).encode()
    json.loads(prov_json(found))


def test_nothing_is_loaded_and_only_our_script_may_run(study: Book) -> None:
    page = lineage_page(lineage_of(study, "model"))
    assert Page(page).loads == []
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", page)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None
    assert "default-src 'none'" in policy[1]
    inside = [
        *re.findall(r"<script>(.*?)</script>", page, re.DOTALL),
        *re.findall(r"<style>(.*?)</style>", page, re.DOTALL),
    ]
    assert len(inside) == 3
    for text in inside:
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy[1]
    assert "diptych bundle" in page


@given(PAIRS)
def test_layers_go_from_left_to_right(pairs: list[tuple[int, int]]) -> None:
    found = layered(range(15), pairs)
    place = {node: at for at, layer in enumerate(found.layers) for node in layer}
    assert {node for node in place if not isinstance(node, Virtual)} == set(range(15))
    for node, ends in found.joined.items():
        assert all(place[end] == place[node] + 1 for end in ends)
    forward = [(a, b) for a, b in pairs if a < b]
    tidy = layered(range(15), forward)
    at = {node: where for where, layer in enumerate(tidy.layers) for node in layer}
    assert all(at[a] < at[b] for a, b in forward)


@given(PAIRS)
def test_boxes_never_overlap(pairs: list[tuple[int, int]]) -> None:
    drawing = layout(range(15), pairs)
    columns: dict[float, list[float]] = {}
    for box in drawing.boxes.values():
        columns.setdefault(box.x, []).append(box.y)
        assert box.y >= -1e-6
        assert box.x + NODE_WIDTH <= drawing.width + 1e-6
        assert box.y + NODE_HEIGHT <= drawing.height + 1e-6
    for heights in columns.values():
        heights.sort()
        assert all(b - a >= NODE_HEIGHT - 1e-6 for a, b in itertools.pairwise(heights))


def test_sweeps_undo_a_crossing() -> None:
    drawing = layout(["a", "b", "c", "d"], [("a", "d"), ("b", "c")])
    assert (drawing.boxes["a"].y < drawing.boxes["b"].y) == (
        drawing.boxes["d"].y < drawing.boxes["c"].y
    )


def test_a_long_edge_goes_around(study: Book) -> None:
    drawing = layout("abc", [("a", "b"), ("b", "c"), ("a", "c")])
    assert len(drawing.routes["a", "c"]) == 4
    assert drawing.boxes["a"].x < drawing.boxes["b"].x < drawing.boxes["c"].x


def test_prov_uses_relations_as_prov_allows_them(study: Book) -> None:
    document = json.loads(prov_json(lineage_of(study, "model")))
    model, run = (f"dt:record-{study.id_of(name)}" for name in ("model", "train"))
    assert document["entity"][model]["dt:state"] == "verified"
    assert run in document["activity"]
    generated = list(document["wasGeneratedBy"].values())
    assert (generated[0]["prov:entity"], generated[0]["prov:activity"]) == (model, run)
    assert len(document["used"]) == 1
    derived = {one["prov:type"]["$"] for one in document["wasDerivedFrom"].values()}
    assert derived == {"dt:derivedFrom", "dt:trainedOn", "dt:testedOn"}
    influenced = {one["prov:type"]["$"] for one in document["wasInfluencedBy"].values()}
    assert influenced == {"dt:licensedUnder"}
    assert {"wasAttributedTo", "wasAssociatedWith"} <= document.keys()


@pytest.mark.parametrize(
    ("text", "columns", "expected"), [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("画画", 3, "画…")]
)
def test_cut(text: str, columns: int, expected: str) -> None:
    assert cut(text, columns) == expected
