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
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from diptych.core.errors import UsageError
from diptych.models.integrations.book import Book, RecordedRun, Reference, short
from diptych.models.integrations.mlflow_guard import (
    PREFIX,
    Guard,
    GuardUnsupported,
    ModelNotRecorded,
    ModelSwapped,
    fetched,
    guard,
    unguarded,
    verify_model,
)

__all__ = [
    "Guard",
    "GuardUnsupported",
    "ModelNotRecorded",
    "ModelSwapped",
    "guard",
    "track",
    "verify_model",
]

CONTEXT = "MLFLOW_RUN_CONTEXT"
"""MLflow adds the tags in this variable (JSON) to every run that this process starts."""
TAG = "diptych.run"
_MAX_RUNS = 200
_MAX_PARAMS = 200


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
            models[model_id] = fetched(unguarded(), f"models:/{model_id}", scratch / model_id)
    try:
        run.note(mlflow=notes)
    except UsageError:  # too much for a record: MLflow keeps it, the record says where
        run.note(mlflow={"runs": sorted(notes)})
    for model_id, folder in sorted(models.items()):
        run.produce(folder, name=PREFIX + model_id)


def _shortened(params: Mapping[str, str]) -> dict[str, Any]:
    return {name: short(value) for name, value in list(params.items())[:_MAX_PARAMS]}
