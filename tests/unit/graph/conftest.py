from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.graph.book import Book


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    made = Book(tmp_path)
    yield made
    made.close()


@pytest.fixture
def study(book: Book) -> Book:
    """Raw data, two cleaned versions, a run and the model it made; a test set beside."""
    book.add("raw", agents=({"agent": "Hospital A", "role": "collector", "share": "0.5"},))
    book.add("clean1", "dataset", ("derivedFrom", "raw"), time_s=NOON_PLUS)
    book.add("clean2", "dataset", ("derivedFrom", "raw"), ("supersedes", "clean1"))
    book.add("test", "dataset")
    book.add("terms", "licence", fields={"licence": {"spdx": "MIT"}})
    book.add("train", "run", ("used", "clean2"), fields={"run": {"activity": "train"}})
    book.add(
        "model",
        "model",
        ("trainedOn", "clean2"),
        ("generated", "train"),
        ("testedOn", "test"),
        ("licensedUnder", "terms"),
        fields={"model": {"name": "net", "version": 1, "format": "onnx", "card": "00" * 32}},
    )
    return book


NOON_PLUS = 1_800_000_000
