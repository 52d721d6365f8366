"""Run documents: what is written can be read, and nothing else."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diptych.core.errors import JsonValue, MalformedError
from diptych.provenance.activity.capture import Capture
from diptych.provenance.activity.code import Code
from diptych.provenance.activity.document import RunDocument, RunInput, RunOutput
from diptych.provenance.activity.entry import Entry
from diptych.provenance.activity.environment import Environment
from diptych.provenance.activity.hardware import Hardware

CAPTURE = Capture(
    Entry("script", "train.py", ("--lr", "0.1")),
    Code("a" * 40, "b" * 64, (("train.py", "c" * 64),)),
    Environment("3.11.7", "CPython", "linux-x86_64", {}, (("numpy", "2.4.6"),)),
    Hardware("x86_64", "Fast 9000", ("avx2",), 2, 1 << 30),
)
DOCUMENT = RunDocument(
    "0" * 32,
    "train",
    "completed",
    "2026-11-23T09:00:00Z",
    duration_s=1.5,
    seed=7,
    params={"depth": 3},
    notes={"auc": 0.91},
    inputs=(RunInput("data.csv", "d" * 64, "data.csv"),),
    outputs=(RunOutput("model", "model", "dataset", "e" * 64),),
    capture=CAPTURE,
)
_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
_FLOATS = st.floats(allow_nan=False, allow_infinity=False).filter(lambda x: not x.is_integer())
_SCALARS = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | _TEXT | _FLOATS
_VALUES = st.recursive(
    _SCALARS,
    lambda x: st.lists(x, max_size=3) | st.dictionaries(_TEXT, x, max_size=3),
    max_leaves=9,
)


@given(
    params=st.dictionaries(_TEXT, _VALUES, max_size=5),
    status=st.sampled_from(["completed", "failed", "interrupted"]),
    duration=st.none() | st.just(0.25),
    error=st.none() | st.fixed_dictionaries({"type": _TEXT}),
    capture=st.sampled_from([CAPTURE, None]),
)
def test_what_is_written_can_be_read(
    params: dict[str, JsonValue],
    status: str,
    duration: float | None,
    error: dict[str, str] | None,
    capture: Capture | None,
) -> None:
    made = replace(
        DOCUMENT, params=params, status=status, duration_s=duration, error=error, capture=capture
    )
    assert RunDocument.parse(made.dump()) == made
    assert RunDocument.parse(made.dump()).dump() == made.dump()


@pytest.mark.parametrize(
    "change",
    [
        {"format": "diptych-run/2"},
        {"id": "0" * 31},
        {"status": "fine"},
        {"duration_s": -1},
        {"duration_s": True},
        {"seed": "7"},
        {"seed": 1.5},
        {"inputs": [{"reference": "x", "record": "00", "path": ""}]},
        {"outputs": [{"name": "x"}]},
        {"error": {"stack": "secret"}},
        {"capture": {}},
        {"params": []},
        {"unknown": 1},
    ],
)
def test_anything_else_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(MalformedError):
        RunDocument.parse(json.dumps({**DOCUMENT.to_json(), **change}).encode())
