"""Rules files: strict, the same digest in TOML and JSON, and patterns that end soon."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diptych.data.quality import BadRules, parse_rules
from diptych.data.quality.patterns import safe_pattern
from diptych.data.quality.rules import ColumnRule, DuplicateRule, LabelRule, RuleSet, SubgroupRule
from diptych.data.quality.rules_file import dump_rules, rules_digest

TOML = b"""format = "diptych-rules/1"
label = "y"
drift = false
[[columns]]
name = "age"
type = "integer"
minimum = 0
maximum = 120
[duplicates]
near = false
"""
JSON = b"""{"format": "diptych-rules/1", "label": "y", "drift": null, "duplicates": {"near": null},
"columns": [{"name": "age", "type": "integer", "minimum": 0, "maximum": 120.0}]}"""
texts = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=8)
shares = st.floats(0, 1)
columns = st.builds(
    ColumnRule,
    name=texts,
    missing=st.booleans(),
    unique=st.booleans(),
    public=st.booleans(),
    values=st.lists(texts | st.booleans() | st.integers(-9, 9), max_size=3).map(tuple),
    max_missing=st.none() | shares,
)
rule_sets = st.builds(
    RuleSet,
    columns=st.lists(columns, max_size=3, unique_by=lambda one: one.name).map(tuple),
    label=texts,
    duplicates=st.none() | st.builds(DuplicateRule, near=st.none() | shares, max_share=shares),
    labels=st.none() | st.builds(LabelRule, max_share=shares, rows=st.integers(0, 99)),
    subgroups=st.none()
    | st.builds(SubgroupRule, positive=st.none() | texts | st.integers(0, 5) | st.booleans()),
)


@given(rule_sets)
def test_what_is_written_is_read_back(rules: RuleSet) -> None:
    assert parse_rules(dump_rules(rules)) == rules


def test_toml_and_json_give_one_digest() -> None:
    assert parse_rules(TOML) == parse_rules(JSON)
    assert rules_digest(parse_rules(TOML)) == rules_digest(parse_rules(JSON))
    assert rules_digest(parse_rules(TOML)) != rules_digest(RuleSet())


HEAD = b'format = "diptych-rules/1"\n'
BAD = [
    (b"", "format"),
    (b"\xff", "cannot read"),
    (b'{"format": "diptych-rules/1", "format": "diptych-rules/1"}', "cannot read"),
    (b'format = "diptych-rules/2"', "expected 'diptych-rules/1'"),
    (HEAD + b"lable = 1", "unknown field"),
    (HEAD + b"label = 1", "expected a text"),
    (HEAD + b"strict = 1", "expected true or false"),
    (HEAD + b"min_rows = -1", "expected a whole number"),
    (HEAD + b"min_rows = 5\nmax_rows = 2", "expected at least 5"),
    (HEAD + b"columns = 3", "tables"),
    (HEAD + b'[[columns]]\ntype = "text"', "name"),
    (HEAD + b'[[columns]]\nname = "a"\n[[columns]]\nname = "a"', "two for one column"),
    (HEAD + b'[[columns]]\nname = "a"\ntype = "float"', "expected integer"),
    (HEAD + b'[[columns]]\nname = "a"\nminimum = 3', "need a type"),
    (HEAD + b'[[columns]]\nname = "a"\ntype = "date"\nminimum = 3', "do not fit"),
    (HEAD + b'[[columns]]\nname = "a"\ntype = "number"\nminimum = 3\nmaximum = 2', "order"),
    (HEAD + b'[[columns]]\nname = "a"\npattern = "(a+)+"', "several ways"),
    (HEAD + b'[[columns]]\nname = "a"\ntype = "date"\npattern = "a"', "for text"),
    (HEAD + b'[[compare]]\nleft = "a"\noperator = "~"\nright = "b"', "compare"),
    (HEAD + b"[drift]\nalpha = 2", "0 to 1"),
    (HEAD + b"[drift]\nalpha = nan", "expected a number"),
    (HEAD + b'[sensor]\ntime = "t"\nvalue = "v"\nlow = 2', "both or none"),
    (HEAD + b"[dialect]\nmissing = true", "items"),
]


@pytest.mark.parametrize(("raw", "said"), BAD)
def test_a_malformed_file_is_refused(raw: bytes, said: str) -> None:
    with pytest.raises(BadRules, match=said):
        parse_rules(raw)


@pytest.mark.parametrize("text", ["[A-Z]{2}-[0-9]+", "a|b", "(?:ab)+c?", r"\d+\.\d+", "[]x]+"])
def test_plain_patterns_are_accepted(text: str) -> None:
    assert safe_pattern(text).pattern == text


@pytest.mark.parametrize(
    "text",
    ["(a+)+", "(a|aa)*", "(a|a){30}", "((a|b))*", r"(a)\1", "(?=a)", "a*b*c*d*", "(", "a?" * 30],
)
def test_costly_patterns_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        safe_pattern(text)


@given(st.text("ab()|*+?{}12,[]\\.", min_size=1, max_size=12))
def test_whatever_is_accepted_ends_soon(text: str) -> None:
    try:
        pattern = safe_pattern(text)
    except ValueError:
        return
    start_s = time.perf_counter()
    pattern.fullmatch("a" * 24 + "!")
    assert time.perf_counter() - start_s < 1.0


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda one: HEAD + one.encode()))
def test_any_bytes_are_rules_or_refused(raw: bytes) -> None:
    try:
        parse_rules(raw)
    except BadRules:
        return
