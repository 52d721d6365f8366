"""scikit-learn: one call instead of `fit`, and equal bytes for equal models."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy
import pytest
import skops.io
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.svm import SVC
from tests.unit.run.conftest import Project

from diptych.app.verbs.runs import find_run, list_runs
from diptych.models.errors import UntrustedTypes
from diptych.models.integrations.book import NothingSaved
from diptych.models.integrations.sklearn import record_fit
from diptych.models.integrations.stable_skops import stable_skops

RANDOM = numpy.random.default_rng(7)
X = RANDOM.normal(size=(60, 3))
Y = (X[:, 0] > 0).astype(int)


def _models() -> list[Any]:
    return [
        LogisticRegression(),
        make_pipeline(StandardScaler(), SVC(random_state=3)),
        RandomForestClassifier(n_estimators=3, random_state=3),
        make_pipeline(
            ColumnTransformer([("a", StandardScaler(), [0]), ("b", OneHotEncoder(), [1])]),
            LogisticRegression(),
        ),
    ]


@pytest.mark.parametrize("number", range(4))
def test_equal_models_have_equal_bytes_and_load(number: int) -> None:
    inputs = numpy.round(X) if number == 3 else X
    files = [stable_skops(_models()[number].fit(inputs, Y)) for _ in range(2)]
    assert files[0] == files[1]
    untrusted = skops.io.get_untrusted_types(data=files[0])
    loaded = skops.io.loads(files[0], trusted=untrusted)
    assert (loaded.predict(inputs) == _models()[number].fit(inputs, Y).predict(inputs)).all()


def test_another_model_has_other_bytes() -> None:
    assert stable_skops(LogisticRegression(C=2.0).fit(X, Y)) != stable_skops(
        LogisticRegression().fit(X, Y)
    )


SCRIPT = """
import hashlib, numpy
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from diptych.models.integrations.stable_skops import stable_skops
X = numpy.random.default_rng(7).normal(size=(60, 3))
fitted = RandomForestClassifier(n_estimators=5, random_state=3).fit(X, X[:, 0] > 0)
print(hashlib.sha256(stable_skops(fitted)).hexdigest())
"""


def test_bytes_are_equal_in_another_process() -> None:
    printed = {
        subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, check=True).stdout
        for _ in range(2)
    }
    assert len(printed) == 1


def test_fit_is_recorded_with_parameters_seed_and_model(project: Project) -> None:
    book = project.open()
    estimator = make_pipeline(StandardScaler(), SVC(random_state=3))
    fitted = record_fit(book, estimator, X, Y, data=["data.csv"], save="model.skops")
    assert fitted is estimator
    document = find_run(book, "model.skops").document
    assert document.seed == 3
    assert document.params["estimator"] == "sklearn.pipeline.Pipeline"
    assert document.params["svc__C"] == 1.0
    assert document.params["standardscaler"] == "sklearn.preprocessing._data.StandardScaler"
    assert [one.reference for one in document.inputs] == ["data.csv"]
    assert Path("model.skops").read_bytes() == stable_skops(fitted)


def test_search_notes_what_was_best(project: Project) -> None:
    book = project.open()
    search = GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2)
    record_fit(book, search, X, Y, save="model.skops")
    # The search itself holds timings, so its best estimator is what is saved.
    assert Path("model.skops").read_bytes() == stable_skops(search.best_estimator_)
    notes = list_runs(book)[0].document.notes
    assert set(notes) == {"best_params_", "best_score_", "n_features_in_"}


def test_transformer_needs_no_target(project: Project) -> None:
    record_fit(project.open(), StandardScaler(), X, activity="scale")
    assert list_runs(project.open())[0].document.activity == "scale"


def test_failing_fit_is_recorded_and_raised(project: Project) -> None:
    with pytest.raises(ValueError, match="NaN"):
        record_fit(project.open(), LogisticRegression(), X * numpy.nan, Y)
    assert list_runs(project.open())[0].document.status == "failed"


def test_fit_can_publish_a_model(project: Project) -> None:
    book = project.open()
    record_fit(
        book, LogisticRegression(), X, Y, data=["data.csv"], save="model.skops", model="churn"
    )
    run = find_run(book, "churn")
    assert [(one.name, one.kind) for one in run.document.outputs] == [("churn", "model")]
    relations = [e.relation for e in book.records(limit=1)[0].statement.edges]
    assert sorted(relations) == ["generated", "trainedOn"]


@pytest.mark.parametrize(
    "estimator",
    [
        RandomForestClassifier(n_estimators=3, random_state=3),
        HistGradientBoostingClassifier(max_iter=3, random_state=3),
        MLPClassifier((3,), max_iter=200, tol=1e9, random_state=3),
        KNeighborsClassifier(),
    ],
)
def test_classes_of_scikit_learn_itself_need_no_further_word(
    project: Project, estimator: Any
) -> None:
    """skops trusts few of them by itself, but these objects were made here."""
    book = project.open()
    fitted = record_fit(book, estimator, X, Y, save="m.skops", model="m")
    model = book.models.load("m")
    assert model.card.trusted_types
    assert model.predict(X[:5])["prediction"].tolist() == fitted.predict(X[:5]).tolist()
    with pytest.raises(UntrustedTypes) as refused:  # a file from somewhere: nobody has vouched
        book.models.publish(project.folder / "m.skops", "other")
    assert refused.value.hint.count("--trust") == len(model.card.trusted_types)


def _double(values: Any) -> Any:
    return values * 2


def test_classes_of_others_are_trusted_by_name(project: Project) -> None:
    book = project.open()
    doubling = make_pipeline(FunctionTransformer(_double), LogisticRegression())
    with pytest.raises(UntrustedTypes, match="_double"):
        record_fit(book, doubling, X, Y, save="m.skops", model="m")
    name = f"{_double.__module__}._double"
    with book.run("train") as run:
        run.produce("m.skops", model="m", trust=[name]).write_bytes(stable_skops(doubling))
    assert book.models.load("m").card.trusted_types == (name,)


def test_model_without_a_place_to_save_it_is_refused_before_the_fit(project: Project) -> None:
    book = project.open()
    model = LogisticRegression()
    with pytest.raises(NothingSaved, match="nothing is saved"):
        record_fit(book, model, X, Y, model="m")
    assert not hasattr(model, "coef_")
    assert list_runs(book) == []
