"""Estimators fitted on tables take columns by name, in any order; those of texts take texts."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from diptych.app.verbs.model.use import BadInputFile, read_inputs
from diptych.app.workspace import Workspace
from diptych.models.errors import BadInput
from diptych.models.integrations.sklearn import record_fit
from diptych.models.runtime.loaded import LoadedModel

TABLE = pd.DataFrame(
    {"age": [30.0, 40, 50, 60] * 5, "dose": [4.0, 1, 3, 2] * 5, "sex": ["f", "m", "m", "f"] * 5}
)
SICK = np.array([0, 0, 1, 1] * 5)


@pytest.fixture
def fitted(book: Workspace) -> tuple[LoadedModel, list[Any]]:
    parts = make_column_transformer((StandardScaler(), ["age", "dose"]), (OneHotEncoder(), ["sex"]))
    model = make_pipeline(parts, LogisticRegression())
    record_fit(book, model, TABLE, SICK, save=book.place.project / "m.skops", model="m")
    return book.models.load("m"), model.predict_proba(TABLE).tolist()


def _answer(model: LoadedModel, given: Any) -> list[Any]:
    found: list[Any] = model.predict(given)["probability"].tolist()
    return found


def test_columns_are_taken_by_name(fitted: tuple[LoadedModel, list[Any]]) -> None:
    model, wanted = fitted
    assert [port.name for port in model.inputs] == ["age", "dose", "sex"]
    assert model.card.inputs == model.inputs
    swapped = TABLE[["sex", "dose", "age"]]
    for given in (TABLE, swapped, swapped.to_dict("list"), TABLE.to_numpy()):
        assert _answer(model, given) == wanted


@pytest.mark.parametrize(
    "wrong",
    [
        TABLE[["age", "dose"]],
        TABLE.rename(columns={"sex": "gender"}),
        TABLE.to_numpy()[:, :2],
        {**TABLE.to_dict("list"), "age": [1.0]},
        {**TABLE.to_dict("list"), "sex": [{}] * 20},
        {**TABLE.to_dict("list"), "sex": ["x"] * 20},
        [1.0, 2.0, 3.0],
    ],
)
def test_other_columns_are_refused(fitted: tuple[LoadedModel, list[Any]], wrong: Any) -> None:
    with pytest.raises(BadInput):
        fitted[0].predict(wrong)


def test_files_with_columns_in_another_order(
    fitted: tuple[LoadedModel, list[Any]], tmp_path: Path
) -> None:
    model, wanted = fitted
    file = tmp_path / "rows.csv"
    TABLE[["sex", "dose", "age"]].to_csv(file, index=False)
    assert _answer(model, read_inputs(file, model)) == wanted
    TABLE.rename(columns={"sex": "gender"}).to_csv(file, index=False)
    with pytest.raises(BadInputFile, match="gender"):
        read_inputs(file, model)


def test_wide_tables_are_one_matrix(book: Workspace) -> None:
    wide = pd.DataFrame(np.eye(20, 101), columns=[f"c{n}" for n in range(101)])
    model = LogisticRegression()
    record_fit(book, model, wide, SICK, save=book.place.project / "m.skops", model="m")
    loaded = book.models.load("m")
    assert [(port.name, port.shape) for port in loaded.inputs] == [("X", (None, 101))]
    assert _answer(loaded, wide.to_numpy()) == model.predict_proba(wide).tolist()


def test_pipelines_of_texts_take_texts(book: Workspace) -> None:
    texts = ["fever and cough", "no findings"] * 10
    model = make_pipeline(TfidfVectorizer(), LogisticRegression())
    sick = np.array([1, 0] * 10)
    record_fit(book, model, texts, sick, save=book.place.project / "m.skops", model="m")
    loaded = book.models.load("m")
    assert loaded.predict(["cough"])["prediction"].tolist() == [1]
    with pytest.raises(BadInput, match="expected text"):
        loaded.predict([1.0])
