"""Cards: strict, canonical, in agreement with the record, harmless as Markdown."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diptych.core.errors import MalformedError
from diptych.models.card import (
    Card,
    Code,
    Contributor,
    Metric,
    Port,
    Source,
    complete_card,
    dump_card,
    parse_card,
)
from diptych.models.card.markdown import render_card
from diptych.models.errors import BadCard, BadContributors

TEXT = st.text(st.characters(codec="utf-8"), max_size=30)
NAME = TEXT.filter(bool)
NUMBER = st.floats(-1e6, 1e6)
DIGEST = st.sampled_from(["", "ab" * 32])
METRIC = st.builds(Metric, NAME, NUMBER, data=TEXT, method=TEXT, group=TEXT)
CARDS = st.builds(
    Card,
    name=TEXT,
    version=st.integers(1, 10**6),
    format=st.sampled_from(["onnx", "skops"]),
    files=st.tuples(TEXT),
    manifest=st.just("cd" * 32),
    tensors=DIGEST,
    parameters=st.integers(0, 10**12),
    summary=TEXT,
    limits=st.lists(TEXT, max_size=3).map(tuple),
    licence=TEXT,
    licence_record=DIGEST,
    seed=st.none() | st.integers(-(10**9), 10**9),
    code=st.builds(Code, TEXT, DIGEST, TEXT),
    data=st.lists(
        st.builds(Source, TEXT, st.sampled_from(["train", "test", "base"]), DIGEST), max_size=2
    ).map(tuple),
    metrics=st.lists(METRIC, max_size=3).map(tuple),
    contributors=st.lists(
        st.builds(Contributor, NAME, NAME, st.sampled_from(["0", "0.25", "0.5"])), max_size=2
    ).map(tuple),
    inputs=st.lists(
        st.builds(Port, TEXT, st.just("float32"), st.tuples(st.none() | st.integers(0, 9)), TEXT),
        max_size=2,
    ).map(tuple),
)
BASE = Card("m", 1, "onnx", ("m.onnx",), "cd" * 32)


@given(CARDS)
def test_what_is_written_is_read_back(card: Card) -> None:
    assert parse_card(dump_card(card)) == card


@pytest.mark.parametrize(
    "change",
    [
        {"extra": 1},
        {"version": 0},
        {"version": True},
        {"limits": "none"},
        {"manifest": "zz"},
        {"metrics": [{"name": "auc"}]},
        {"metrics": [{"name": "auc", "value": 0.5, "low": 0.6, "high": 0.7, "confidence": 0.95}]},
        {"metrics": [{"name": "auc", "value": 0.5, "low": 0.4}]},
        {"metrics": [{"name": "auc", "value": 0.5, "low": 0.4, "high": 0.6, "confidence": 95}]},
        {"contributors": [{"name": "Ada", "role": "", "share": "0"}]},
        {"contributors": [{"name": "Ada", "role": "x", "share": "1.5"}]},
        {"contributors": [{"name": "Ada", "role": "x", "share": 0.5}]},
        {"data": [{"name": "d", "role": "trained"}]},
        {"card": "diptych-card/2"},
    ],
)
def test_malformed_cards_are_refused(change: dict[str, Any]) -> None:
    members = {**BASE.to_json(), **change}
    with pytest.raises(MalformedError):
        parse_card(json.dumps(members).encode())


def test_missing_member_and_doubled_key_are_refused() -> None:
    members = BASE.to_json()
    del members["limits"]
    with pytest.raises(MalformedError):
        parse_card(json.dumps(members).encode())
    with pytest.raises(MalformedError):
        parse_card(dump_card(BASE)[:-1] + b',"name":"other"}')


def test_shares_may_add_up_to_one_and_no_more() -> None:
    half: dict[str, Any] = {"name": "Ada", "role": "trainer", "share": "0.5"}
    good = complete_card({"contributors": [half, half]}, FACTS)
    assert len(good.contributors) == 2
    with pytest.raises(BadContributors):
        complete_card({"contributors": [half, half, {**half, "share": "0.000001"}]}, FACTS)


FACTS: dict[str, Any] = {
    "name": "m",
    "version": 3,
    "format": "onnx",
    "files": ["m.onnx"],
    "manifest": "cd" * 32,
}


def test_facts_win_over_nothing() -> None:
    assert complete_card({"name": "m", "limits": ["x"]}, FACTS).version == 3
    for stated in ({"manifest": "ef" * 32}, {"version": 1}, {"name": "n"}):
        with pytest.raises(BadCard):
            complete_card(stated, FACTS)
    with pytest.raises(BadCard):
        complete_card({"accuracy": 1}, FACTS)


def test_markdown_shows_intervals_and_lets_nothing_out_of_its_cell() -> None:
    hostile = "<script>|\n# heading\x1b[2J"
    card = Card(
        hostile,
        1,
        "onnx",
        (hostile,),
        "cd" * 32,
        limits=(hostile,),
        metrics=(Metric("auc", 0.8, 0.7, 0.9, 0.95, hostile), Metric("f1", 0.5)),
    )
    text = render_card(card)
    assert "0.8 (0.7 to 0.9, 95%)" in text
    assert "0.5 (no interval)" in text
    assert "<script>" not in text
    assert "\x1b" not in text
    assert sum(line.startswith("# ") for line in text.splitlines()) == 1
