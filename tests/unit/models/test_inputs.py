"""Inputs are checked by name, type and shape, with both values in the message."""

from typing import Any

import numpy as np
import pytest

from diptych.models.card import Port
from diptych.models.errors import BadInput
from diptych.models.runtime.inputs import checked_inputs

ROWS = Port("X", "float32", (None, 4))
COUNT = Port("n", "int64", ())


@pytest.mark.parametrize(
    "given",
    [
        np.ones((2, 4), dtype=np.float32),
        np.ones((2, 4)),
        np.ones((2, 4), dtype=np.int8),
        [[1, 2, 3, 4]],
        {"X": np.full((1, 4), np.nan)},
        np.ones((0, 4)),
    ],
)
def test_what_fits_becomes_exactly_the_type(given: Any) -> None:
    found = checked_inputs([ROWS], given)["X"]
    assert found.dtype == np.float32
    assert found.shape[1] == 4


@pytest.mark.parametrize(
    ("given", "word"),
    [
        (np.ones((2, 3)), "shape"),
        (np.ones(4), "shape"),
        ([["a", "b", "c", "d"]], "expected float32"),
        (np.ones((1, 4), dtype=complex), "expected float32"),
        ({"Y": np.ones((1, 4))}, "inputs"),
        ({"X": np.ones((1, 4)), "Y": 1}, "inputs"),
        ([[1, 2], [3]], "X"),
        (np.full((1, 4), 1e300), "fit"),
        (np.ones((1, 4), dtype=object), "expected float32"),
    ],
)
def test_what_does_not_fit_is_refused(given: Any, word: str) -> None:
    with pytest.raises(BadInput) as caught:
        checked_inputs([ROWS], given)
    assert word in caught.value.message


def test_whole_numbers_stay_whole() -> None:
    assert checked_inputs([COUNT], 5)["n"] == 5
    for given in (5.5, 2**70, "5"):
        with pytest.raises(BadInput):
            checked_inputs([COUNT], given)


def test_a_bare_array_needs_a_single_input() -> None:
    with pytest.raises(BadInput):
        checked_inputs([ROWS, COUNT], np.ones((1, 4)))
