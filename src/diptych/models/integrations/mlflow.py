"""MLflow: record what autolog sees, and refuse a model that was swapped afterwards.

    from diptych.models.integrations.mlflow import guard, track
    with track(book, data=["patients.csv"]):
        model.fit(X, y)             # an existing training with mlflow.autolog()
    guard(book)                     # from here on load_model refuses what differs

Needs MLflow 3: its models have ids of their own. MLflow keeps the files; the log keeps what they
were. Pickled models stay pickled: the guard proves that they are the recorded ones, no more.
"""

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from diptych.core.errors import DiptychError, UsageError, VerificationError
from diptych.models.integrations.book import Book, RecordedRun, Reference, short

CONTEXT = "MLFLOW_RUN_CONTEXT"
"""MLflow adds the tags in this variable (JSON) to every run that this process starts."""
TAG = "diptych.run"
_PREFIX = "mlflow/"
_OWN_NOTE = "registered_model_meta"
"""MLflow writes this file into the folder of a registered model whenever it is loaded."""
_DOWNLOAD = "_download_artifact_from_uri"
_MAX_RUNS = 200
_MAX_PARAMS = 200


class ModelSwapped(VerificationError):
    """A model's files differ from those that were recorded, so it is not loaded."""

    code = "Mlflow.ModelSwapped"


class ModelNotRecorded(UsageError):
    """A model that was never recorded is to be loaded, and the guard lets only recorded ones in."""

    code = "Mlflow.NotRecorded"


@contextmanager
def track(
    book: Book, *, data: Sequence[Reference] = (), activity: str = "train"
) -> Iterator[RecordedRun]:
    """Record everything that MLflow logs in this block as one run.

    Parameters and metrics of MLflow's runs become notes, its logged models outputs, which are found
    as `mlflow/m-…`. Runs that were started before the block are not taken.

    Args:
        book: workspace.
        data: paths or references of what is trained on.
        activity: name of the run.
    """
    with book.run(activity) as run:
        for one in data:
            run.use(one)
        with _tagged(run.id):
            yield run
        with tempfile.TemporaryDirectory(prefix="diptych-mlflow-") as scratch:
            _collect(run, Path(scratch))
            # Outputs are sealed when the run ends, so it ends while the copies are there.
            run.__exit__(None, None, None)


@contextmanager
def _tagged(run_id: str) -> Iterator[None]:
    before = os.environ.get(CONTEXT)
    tags = json.loads(before) if before else {}
    os.environ[CONTEXT] = json.dumps({**tags, TAG: run_id})
    try:
        yield
    finally:
        if before is None:
            del os.environ[CONTEXT]
        else:
            os.environ[CONTEXT] = before


def _collect(run: RecordedRun, scratch: Path) -> None:
    client = import_module("mlflow").MlflowClient()
    experiments = [one.experiment_id for one in client.search_experiments()]
    found = client.search_runs(experiments, f"tags.`{TAG}` = '{run.id}'", max_results=_MAX_RUNS)
    notes: dict[str, Any] = {}
    models: dict[str, Path] = {}
    for one in found:
        notes[one.info.run_id] = {
            "name": one.info.run_name,
            "params": _shortened(one.data.params),
            "metrics": dict(list(one.data.metrics.items())[:_MAX_PARAMS]),
        }
        outputs = getattr(one.outputs, "model_outputs", None) or []
        for model_id in {each.model_id for each in outputs}:
            models[model_id] = _fetched(_real(), f"models:/{model_id}", scratch / model_id)
    try:
        run.note(mlflow=notes)
    except UsageError:  # too much for a record: MLflow keeps it, the record says where
        run.note(mlflow={"runs": sorted(notes)})
    for model_id, folder in sorted(models.items()):
        run.produce(folder, name=_PREFIX + model_id)


def _shortened(params: Mapping[str, str]) -> dict[str, Any]:
    return {name: short(value) for name, value in list(params.items())[:_MAX_PARAMS]}


def _real() -> Callable[..., str]:
    """Return MLflow's function that fetches whatever a URI names."""
    found: Callable[..., str] = getattr(import_module("mlflow.tracking.artifact_utils"), _DOWNLOAD)
    return found


def _fetched(fetch: Callable[..., str], uri: str, folder: Path, **named: Any) -> Path:
    """Copy a model's files into an empty folder, without MLflow's own note."""
    folder.mkdir(parents=True, exist_ok=True)
    place = Path(fetch(artifact_uri=uri, output_path=str(folder), **named))
    if not place.resolve().is_relative_to(folder.resolve()):
        place = Path(shutil.copytree(place, folder / "model"))
    (place / _OWN_NOTE).unlink(missing_ok=True)
    return place


class Guard:
    """What `guard` installed; `remove` takes it out again, as does the end of a `with` block."""

    def __init__(self, book: Book, *, allow_unrecorded: bool) -> None:
        self._book = book
        self._allow_unrecorded = allow_unrecorded
        self._copies: list[tempfile.TemporaryDirectory[str]] = []
        self._replaced: list[tuple[Any, Any]] = []

    def __enter__(self) -> "Guard":
        return self

    def __exit__(self, *error: object) -> None:
        self.remove()

    def install(self) -> None:
        """Put a check into every module of MLflow that fetches models."""
        import_module("mlflow.pyfunc")
        real = _real()

        def checked(
            artifact_uri: str, output_path: str | None = None, *rest: Any, **named: Any
        ) -> str:
            model_id = _model_id(artifact_uri)
            if model_id is None:
                return real(artifact_uri, output_path, *rest, **named)
            # A copy of our own: what is checked is what is loaded, whoever can write the store.
            copy = Path(output_path or self._copy())
            place = _fetched(real, artifact_uri, copy, **named)
            self._check(model_id, artifact_uri, place)
            return str(place)

        for module in list(sys.modules.values()):
            name = getattr(module, "__name__", "")
            if name.startswith("mlflow.") and vars(module).get(_DOWNLOAD) is real:
                self._replaced.append((module, real))
                setattr(module, _DOWNLOAD, checked)

    def remove(self) -> None:
        """Take the check out again and delete the copies."""
        for module, real in self._replaced:
            setattr(module, _DOWNLOAD, real)
        self._replaced.clear()
        for copy in self._copies:
            copy.cleanup()
        self._copies.clear()

    def _copy(self) -> str:
        self._copies.append(tempfile.TemporaryDirectory(prefix="diptych-mlflow-"))
        return self._copies[-1].name

    def _check(self, model_id: str, uri: str, place: Path) -> None:
        try:
            verify_model(self._book, model_id, place)
        except ModelNotRecorded:
            if not self._allow_unrecorded:
                raise
        except ModelSwapped as error:
            raise ModelSwapped(
                f"{uri}: {error.message}", hint=error.hint, **error.details
            ) from None


def guard(book: Book, *, allow_unrecorded: bool = False) -> Guard:
    """Make every `load_model` of MLflow in this process refuse what differs from the log.

    Args:
        book: workspace whose log decides.
        allow_unrecorded: load models that were never recorded too.

    Returns:
        What undoes it.
    """
    made = Guard(book, allow_unrecorded=allow_unrecorded)
    made.install()
    return made


def verify_model(book: Book, model_id: str, place: Path) -> None:
    """Compare files with the recorded model of this id, every byte re-read.

    Raises:
        ModelSwapped: they differ; `details` names the files.
        ModelNotRecorded: there is no such record.
    """
    try:
        book.verify(_PREFIX + model_id, path=place)
    except VerificationError as error:
        raise ModelSwapped(
            error.message, hint="do not load it; compare it with a backup", **error.details
        ) from error
    except DiptychError as error:
        if error.code != "Record.Missing":
            raise
        raise ModelNotRecorded(
            f"model {model_id} is not in the log",
            hint="train it inside `with track(book):`, or guard(book, allow_unrecorded=True)",
        ) from error


def _model_id(uri: str) -> str | None:
    """Return the id of the model that a whole-model URI names, None for anything else."""
    client = import_module("mlflow").MlflowClient()
    kind, _, rest = uri.partition(":/")
    rest = rest.lstrip("/")
    if kind == "models":
        return _registered(client, rest)
    if kind == "runs" and rest.count("/") == 1:
        run_id, _, name = rest.partition("/")
        outputs = getattr(client.get_run(run_id).outputs, "model_outputs", None) or []
        for one in outputs:
            if client.get_logged_model(one.model_id).name == name:
                return str(one.model_id)
    return None


def _registered(client: Any, rest: str) -> str | None:
    """Resolve `m-…`, `name/version` or `name@alias`; a path inside a model is none."""
    if rest.startswith("m-"):
        return None if "/" in rest else rest
    name, at, alias = rest.partition("@")
    if at:
        source = client.get_model_version_by_alias(name, alias)
    elif rest.count("/") == 1:
        name, _, version = rest.partition("/")
        if not version.isdigit():
            found = client.search_model_versions(f"name='{name}'", max_results=100)
            source = max(found, key=lambda one: int(one.version)) if found else None
        else:
            source = client.get_model_version(name, version)
    else:
        return None
    text = str(getattr(source, "source", "") or "")
    return text.removeprefix("models:/") if text.startswith("models:/m-") else text or None
