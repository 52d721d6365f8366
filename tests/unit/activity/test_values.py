"""Parameters of any type become bounded JSON."""

import math
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path
from typing import Any

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diptych.core.canonical import canonical_json
from diptych.provenance.activity.redact import Redactor
from diptych.provenance.activity.values import ParamsTooLarge, plain_params


class _Kind(Enum):
    ONE = "one"


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (numpy.float32(0.5), 0.5),
        (numpy.int64(3), 3),
        (numpy.bool_(True), True),
        (math.nan, "nan"),
        (math.inf, "inf"),
        (2**70, str(2**70)),
        (Path("a/b"), "a/b"),
        (date(2026, 3, 3), "2026-03-03"),
        (datetime(2026, 3, 3, tzinfo=UTC), "2026-03-03T00:00:00+00:00"),
        (_Kind.ONE, "one"),
        ({3, 1}, [1, 3]),
        ((1, "a"), [1, "a"]),
        (Path, "pathlib.Path"),
        (object(), "builtins.object"),
        (numpy.zeros(3), "numpy.ndarray"),
        (b"raw", "builtins.bytes"),
        ("a\ud800", "a\\ud800"),
        ({1: None}, {"1": None}),
    ],
)
def test_plain_value(value: Any, plain: Any) -> None:
    assert plain_params({"x": value}, Redactor({}), what="params") == {"x": plain}


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=20,
)


@given(st.dictionaries(st.text(max_size=10), _ANY, max_size=5))
def test_whatever_is_taken_has_a_canonical_form(values: dict[str, Any]) -> None:
    try:
        plain = plain_params(values, Redactor({}), what="params")
    except ParamsTooLarge:
        return
    assert canonical_json(plain)
