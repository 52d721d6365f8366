"""The detector of personal columns: features without surprises, model through the registry."""

import json
from importlib.resources import files
from math import isfinite
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diptych.app.verbs.data.screen import NotATable, read_columns, screen
from diptych.app.workspace import Workspace
from diptych.models.zoo import ZOO
from diptych.models.zoo.columns import CLASSES, PERSONAL, column_features, guess
from diptych.models.zoo.columns.features import FEATURES, is_card, is_iban

CELL = st.none() | st.integers() | st.floats() | st.text(max_size=60)


@given(st.text(max_size=30), st.lists(CELL, max_size=30))
def test_features_are_finite_and_of_fixed_number(header: str, cells: list[object]) -> None:
    found = column_features(header, cells)
    assert len(found) == FEATURES
    assert all(map(isfinite, found))
    assert guess(header, cells) in CLASSES


def test_check_digits() -> None:
    assert is_iban("DE89370400440532013000")
    assert not is_iban("DE89370400440532013001")
    assert is_card("4111 1111 1111 1111")
    assert not is_card("4111 1111 1111 1112")


def test_a_table_is_screened_by_a_published_model(book: Workspace) -> None:
    people = ["Ada Lovelace", "Max Planck", "Marie Curie", "Niels Bohr", "Lise Meitner"] * 4
    rows = [
        f"{name},{name.split()[0].lower()}{number}@example.org,{50 + number},{number % 3}"
        for number, name in enumerate(people)
    ]
    path = book.place.project / "t.csv"
    path.write_text("V1,contact,weight,arm\n" + "\n".join(rows) + "\n")
    found = screen(book, path)
    by_column = {one.column: one for one in found.findings}
    assert by_column["contact"].kind == "e-mail"
    assert by_column["V1"].personal
    assert not by_column["weight"].personal
    assert not by_column["arm"].personal
    assert book.models.load(found.record).name == "diptych/columns"
    again = screen(book, path)
    assert again.record == found.record


def test_the_zoo_is_published_once(book: Workspace) -> None:
    assert [one.new for one in book.models.zoo()] == [True] * len(ZOO)
    assert [one.new for one in book.models.zoo()] == [False] * len(ZOO)


def test_the_shipped_model_is_small_and_its_card_honest() -> None:
    folder = files("diptych.models.zoo.columns")
    assert len(folder.joinpath("model.onnx").read_bytes()) < 300_000
    card = json.loads(folder.joinpath("card.json").read_text())
    assert card["limits"]
    rows = {(row["group"], row["name"], row["data"]): row for row in card["metrics"]}
    data = "generated, new locales and providers"
    model, rule = rows["model", "macro F1", data], rows["rule", "macro F1", data]
    assert model["low"] > rule["high"]  # else the rule would have been shipped
    assert all({"low", "high", "confidence"} <= row.keys() for row in card["metrics"])


def test_the_model_agrees_with_its_serving_features(book: Workspace) -> None:
    published, *_ = book.models.zoo()
    model = book.models.load(published.record)
    assert model.inputs[0].shape[-1] == FEATURES
    rows = np.asarray([column_features("iban", ["DE89370400440532013000"] * 3)], dtype=np.float32)
    answer = model.predict(rows)["probabilities"][0]
    assert CLASSES[int(answer.argmax())] in PERSONAL


@pytest.mark.parametrize("text", ["", "\n"])
def test_what_is_no_table(tmp_path: Path, text: str) -> None:
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(NotATable):
        read_columns(tmp_path / "t.csv")


def test_tables_with_other_separators_and_doubled_headers(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a;a;\n1;2;3\n4;5;6\n")
    assert read_columns(tmp_path / "t.csv") == {
        "a": ["1", "4"],
        "a#2": ["2", "5"],
        "#3": ["3", "6"],
    }
