"""MLflow: what autolog sees is recorded, and a swapped model is refused however it is named.

MLflow takes seconds to log a model, so the tests share two trainings and put their files back.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy
import pytest

mlflow = pytest.importorskip("mlflow", reason="`make integrations` has MLflow")

from sklearn.linear_model import LogisticRegression  # noqa: E402

import diptych  # noqa: E402
from diptych.app.verbs.runs import list_runs  # noqa: E402
from diptych.app.workspace import Workspace  # noqa: E402
from diptych.models.integrations.mlflow import (  # noqa: E402
    GuardUnsupported,
    ModelNotRecorded,
    ModelSwapped,
    guard,
    track,
)

pytestmark = pytest.mark.filterwarnings("ignore")
X, Y = numpy.array([[0.0], [1.0], [2.0], [3.0]]), numpy.array([0, 0, 1, 1])


@dataclass(frozen=True)
class Trained:
    """Two recorded trainings and one that was not: MLflow's run ids and model ids."""

    book: Workspace
    runs: tuple[str, ...]
    models: tuple[str, ...]

    def files(self, number: int) -> Path:
        model = mlflow.MlflowClient().get_logged_model(self.models[number])
        return Path(model.artifact_location.removeprefix("file://"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project folder with the environment that a workspace and MLflow need."""
    made = tmp_path_factory.mktemp("mlflow")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(made)
        patch.setenv("DIPTYCH_KEYS__PASSPHRASE", "correct horse")
        patch.setenv("DIPTYCH_KEYS__SCRYPT_LOG2_N", "14")
        patch.setenv("XDG_RUNTIME_DIR", str(made))
        yield made


@pytest.fixture(scope="module")
def trained(folder: Path) -> Trained:
    (folder / "data.csv").write_text("x,y\n0,0\n1,0\n2,1\n3,1\n")
    mlflow.set_tracking_uri(f"sqlite:///{folder / 'mlflow.db'}")
    place = str(folder / "artifacts")
    mlflow.set_experiment(experiment_id=mlflow.create_experiment("e", artifact_location=place))
    book = diptych.create(folder)
    mlflow.sklearn.autolog(log_datasets=False, silent=True)
    runs = []
    for number, c in enumerate((1.0, 0.001, 2.0)):
        model = LogisticRegression(C=c)
        if number < 2:
            with track(book, data=["data.csv"]):
                model.fit(X, Y)
        else:
            model.fit(X, Y)
        runs.append(mlflow.last_active_run())
    mlflow.sklearn.autolog(disable=True)
    models = tuple(run.outputs.model_outputs[0].model_id for run in runs)
    return Trained(book, tuple(run.info.run_id for run in runs), models)


@pytest.fixture
def world(trained: Trained, tmp_path: Path) -> Iterator[Trained]:
    """The trainings; whatever a test does to the models' files is undone."""
    for number in range(3):
        shutil.copytree(trained.files(number), tmp_path / str(number))
    yield trained
    for number in range(3):
        shutil.rmtree(trained.files(number))
        shutil.copytree(tmp_path / str(number), trained.files(number))


def test_autologged_training_is_one_run_with_its_model(trained: Trained) -> None:
    document = list_runs(trained.book, limit=9)[-1].document
    assert document.status == "completed"
    assert [one.reference for one in document.inputs] == ["data.csv"]
    assert [one.name for one in document.outputs] == [f"mlflow/{trained.models[0]}"]
    noted: Any = document.notes["mlflow"]
    assert list(noted) == [trained.runs[0]]
    assert noted[trained.runs[0]]["params"]["C"] == "1.0"
    assert noted[trained.runs[0]]["metrics"]["training_score"] == 1.0
    kinds = [one.statement.kind for one in trained.book.records(limit=9)]
    assert kinds[-4:] == ["dataset", "run", "dataset", "key"]


def test_runs_of_others_are_not_taken_and_failures_are_recorded(trained: Trained) -> None:
    with track(trained.book):
        pass
    assert list_runs(trained.book)[0].document.outputs == ()
    with pytest.raises(ValueError, match="stop"), track(trained.book):
        raise ValueError("stop")
    assert list_runs(trained.book)[0].document.status == "failed"
    assert "MLFLOW_RUN_CONTEXT" not in os.environ


def test_run_started_by_hand_is_taken(trained: Trained) -> None:
    with track(trained.book), mlflow.start_run() as run:
        mlflow.log_params({"depth": 3, "hf_token": "abcdef"})
        mlflow.log_metric("auc", 0.91)
    noted: Any = list_runs(trained.book)[0].document.notes["mlflow"]
    assert noted[run.info.run_id]["params"] == {"depth": "3", "hf_token": "********"}
    assert noted[run.info.run_id]["metrics"] == {"auc": 0.91}


@pytest.fixture(scope="module")
def uris(trained: Trained) -> list[str]:
    """Every way to name the first model."""
    version = mlflow.register_model(f"models:/{trained.models[0]}", "clf").version
    mlflow.MlflowClient().set_registered_model_alias("clf", "production", version)
    names = [f"models:/clf/{version}", "models:/clf@production", "models:/clf/latest"]
    return [f"models:/{trained.models[0]}", f"runs:/{trained.runs[0]}/model", *names]


@pytest.mark.parametrize("which", range(5))
@pytest.mark.parametrize("flavour", ["sklearn", "pyfunc"])
def test_swapped_weights_are_refused(
    world: Trained, uris: list[str], which: int, flavour: str
) -> None:
    load = getattr(mlflow, flavour).load_model
    with guard(world.book):
        assert list(load(uris[which]).predict(X)) == [0, 0, 1, 1]
        shutil.copy(world.files(1) / "model.pkl", world.files(0) / "model.pkl")
        with pytest.raises(ModelSwapped, match=r"model\.pkl") as refused:
            load(uris[which])
        assert refused.value.details["changed"] == ["model.pkl"]
    assert load(uris[which])  # without the guard MLflow loads it


@pytest.mark.parametrize("change", ["added", "removed", "other model"])
def test_other_changes_are_refused(world: Trained, change: str) -> None:
    folder = world.files(0)
    if change == "added":
        (folder / "hook.py").write_text("print('hello')")
    elif change == "removed":
        (folder / "conda.yaml").unlink()
    else:
        shutil.rmtree(folder)
        shutil.copytree(world.files(1), folder)
    with guard(world.book), pytest.raises(ModelSwapped):
        mlflow.sklearn.load_model(f"models:/{world.models[0]}")


def test_model_that_was_never_recorded_is_refused_unless_allowed(world: Trained) -> None:
    uri = f"models:/{world.models[2]}"
    with guard(world.book), pytest.raises(ModelNotRecorded, match="not in the log"):
        mlflow.sklearn.load_model(uri)
    with guard(world.book, allow_unrecorded=True):
        assert mlflow.sklearn.load_model(uri)


def test_what_is_no_model_passes(trained: Trained) -> None:
    with mlflow.start_run() as run:
        mlflow.log_text("hello", "note.txt")
    with guard(trained.book):
        place = mlflow.artifacts.download_artifacts(f"runs:/{run.info.run_id}/note.txt")
    assert Path(place).read_text() == "hello"


@pytest.mark.parametrize("scheme", ["", "file://"])
def test_model_named_by_its_folder_is_checked_too(
    world: Trained, scheme: str, tmp_path: Path
) -> None:
    uri = f"{scheme}{world.files(0)}"
    elsewhere = shutil.copytree(world.files(0), tmp_path / "elsewhere")
    with guard(world.book):
        assert mlflow.sklearn.load_model(uri)
        assert mlflow.sklearn.load_model(f"{scheme}{elsewhere}")
        (elsewhere / "hook.py").write_text("print('hello')")
        with pytest.raises(ModelSwapped):
            mlflow.sklearn.load_model(f"{scheme}{elsewhere}")
        with pytest.raises(ModelNotRecorded):
            mlflow.sklearn.load_model(f"{scheme}{world.files(2)}")
        # Another recorded model in its place is not the one that was asked for.
        shutil.rmtree(world.files(0))
        shutil.copytree(world.files(1), world.files(0))
        with pytest.raises(ModelSwapped):
            mlflow.sklearn.load_model(uri)


def test_training_under_a_guard_is_recorded(world: Trained) -> None:
    mlflow.sklearn.autolog(log_datasets=False, silent=True)
    try:
        with guard(world.book):
            with track(world.book):
                LogisticRegression(C=3.0).fit(X, Y)
            made = mlflow.last_active_run().outputs.model_outputs[0].model_id
            assert mlflow.sklearn.load_model(f"models:/{made}")
    finally:
        mlflow.sklearn.autolog(disable=True)


def test_stage_names_its_own_version(world: Trained) -> None:
    client = mlflow.MlflowClient()
    first = mlflow.register_model(f"models:/{world.models[0]}", "staged").version
    mlflow.register_model(f"models:/{world.models[2]}", "staged")
    client.transition_model_version_stage("staged", first, "Production")
    with guard(world.book):
        assert mlflow.sklearn.load_model("models:/staged/Production")
        with pytest.raises(ModelNotRecorded):
            mlflow.sklearn.load_model("models:/staged/latest")


@pytest.mark.parametrize("change", ["renamed", "bypassed"])
def test_guard_refuses_an_mlflow_that_it_cannot_guard(
    world: Trained, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A version that renames the function, or whose `load_model` fetches by another way."""
    real = mlflow.tracking.artifact_utils._download_artifact_from_uri
    if change == "renamed":
        monkeypatch.delattr("mlflow.tracking.artifact_utils._download_artifact_from_uri")
    else:
        monkeypatch.setattr("mlflow.pyfunc.load_model", lambda uri: uri)
    with pytest.raises(GuardUnsupported, match=r"MLflow \d") as refused:
        guard(world.book)
    assert "verify_model" in refused.value.hint
    monkeypatch.undo()
    assert mlflow.sklearn._download_artifact_from_uri is real
    with guard(world.book):
        assert mlflow.sklearn.load_model(f"models:/{world.models[0]}")


def test_modules_of_others_are_guarded_and_freed_again(trained: Trained) -> None:
    """A flavour outside MLflow took the function before the guard came, another one after."""
    utils = mlflow.tracking.artifact_utils
    real = utils._download_artifact_from_uri
    before, after = ModuleType("flavour_before"), ModuleType("flavour_after")
    vars(before)["_download_artifact_from_uri"] = real
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "flavour_before", before)
        patch.setitem(sys.modules, "flavour_after", after)
        with guard(trained.book):
            vars(after)["_download_artifact_from_uri"] = utils._download_artifact_from_uri
            for module in (before, after):
                with pytest.raises(ModelNotRecorded):
                    module._download_artifact_from_uri(f"models:/{trained.models[2]}")
        for module in (before, after):
            assert module._download_artifact_from_uri is real
