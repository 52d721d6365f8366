"""Responsible-AI fields: strict files, known names, people before records, both ways."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.interop.test_croissant import ABOUT, FILE

from diptych.core.errors import DiptychError
from diptych.data.interop.croissant import BadCroissant
from diptych.data.interop.croissant_read import read_croissant
from diptych.data.interop.croissant_write import dump_croissant
from diptych.data.interop.responsible import (
    CONFORMS_TO,
    PROPERTIES,
    BadResponsible,
    merged,
    parse_responsible,
    said_in,
)

HEAD = b'format = "diptych-rai/1"\n'
DATES = "dataCollectionTimeframe"
texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20).filter(str.strip)
FIELDS = st.dictionaries(
    st.sampled_from([name for name in PROPERTIES if name != DATES]), st.tuples(texts), max_size=5
)


@given(FIELDS)
def test_what_is_written_is_read_back(fields: dict[str, tuple[str, ...]]) -> None:
    raw = dump_croissant(replace(ABOUT, responsible=fields), [FILE])
    assert said_in(read_croissant(raw).responsible) == (fields, ())
    assert (CONFORMS_TO in json.loads(raw)["conformsTo"]) == bool(fields)


def test_a_file_of_fields() -> None:
    raw = HEAD + b'dataCollection = "by hand"\ndataBiases = ["a", "b"]\n'
    assert parse_responsible(raw) == {"dataCollection": ("by hand",), "dataBiases": ("a", "b")}
    dates = HEAD + b'dataCollectionTimeframe = ["2025-01-01", "2025-06-30T10:00:00Z"]'
    assert parse_responsible(dates)[DATES] == ("2025-01-01", "2025-06-30T10:00:00Z")


@pytest.mark.parametrize(
    "raw",
    [
        *(b"", b"\xff", HEAD + b"dataBias = 'a'", HEAD + b"dataBiases = []", HEAD + b"a = 1"),
        *(HEAD + b"dataCollection = ['a', 'b']", HEAD + b"dataBiases = 1", b"format = 'x'"),
        *(HEAD + b"dataBiases = ' '", HEAD + b"dataCollectionTimeframe = 'spring'"),
        HEAD + b"dataBiases = '" + b"a" * 20_001 + b"'",
    ],
)
def test_a_malformed_file_is_refused(raw: bytes) -> None:
    with pytest.raises(BadResponsible):
        parse_responsible(raw)


@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda one: HEAD + one.encode()))
def test_any_bytes_are_fields_or_refused(raw: bytes) -> None:
    try:
        parse_responsible(raw)
    except BadResponsible:
        return


def test_people_come_before_records() -> None:
    stated = {"dataCollection": ("by hand",), "dataBiases": ("a",)}
    known = {"dataCollection": ("unknown",), "dataBiases": ("b", "a"), "dataUseCases": ("c",)}
    assert merged(stated, known) == {
        "dataCollection": ("by hand",),
        "dataBiases": ("a", "b"),
        "dataUseCases": ("c",),
    }


def read(members: dict[str, Any]) -> tuple[Any, ...]:
    value = json.loads(dump_croissant(ABOUT, [FILE])) | members
    return said_in(read_croissant(json.dumps(value).encode()).responsible)


def test_other_spellings_are_read_and_unknown_fields_are_noted() -> None:
    fields, notes = read(
        {
            "http://mlcommons.org/croissant/RAI/dataBiases": {"@value": "a"},
            "rai:dataCollectionTimeFrame": ["2025-01-01"],
            "rai:annotationsPerItem": 3,
            "rai:hasSyntheticData": True,
        }
    )
    assert fields == {
        "dataBiases": ("a",),
        DATES: ("2025-01-01",),
        "annotationsPerItem": ("3",),
    }
    assert len(notes) == 1
    assert "hasSyntheticData" in notes[0]


@pytest.mark.parametrize(
    "members",
    [
        {"rai:dataCollection": ["a", "b"]},
        {"rai:dataBiases": 1},
        {"rai:dataBiases": {"@id": "x"}},
        {"rai:dataBiases": "a", "http://mlcommons.org/croissant/RAI/dataBiases": "b"},
        {"rai:dataCollectionTimeframe": "spring"},
    ],
)
def test_fields_that_contradict_the_vocabulary_are_refused(members: dict[str, Any]) -> None:
    with pytest.raises(BadCroissant):
        read(members)


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=9) | st.integers() | st.none()))
def test_any_members_are_read_or_refused(members: dict[str, Any]) -> None:
    try:
        said_in({f"rai:{name}": value for name, value in members.items()})
    except DiptychError:
        return
