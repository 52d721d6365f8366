"""JSON that is too deep is an error, whatever other libraries did to the recursion limit."""

import sys
from collections.abc import Iterator

import pytest

from diptych.audit.plain_json import MAX_DEPTH, plain_json


@pytest.fixture
def high_limit() -> Iterator[None]:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(1_000_000)
    yield
    sys.setrecursionlimit(before)


@pytest.mark.usefixtures("high_limit")
@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_depth_beyond_the_bound_is_refused(opening: bytes) -> None:
    with pytest.raises(ValueError, match="too deep"):
        plain_json(opening * 1_000_000)


@pytest.mark.usefixtures("high_limit")
def test_depth_up_to_the_bound_is_read() -> None:
    value = plain_json(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
    for _ in range(MAX_DEPTH - 1):
        (value,) = value
    assert value == []


def test_numbers_of_any_size_are_read() -> None:
    assert plain_json(b'{"a": 123456789012345678901234567890}') == {"a": int("1234567890" * 3)}
