"""Two lines in an existing MLflow training: one records it, one refuses a swapped model.

Run by `make integrations`.
"""

import os
import tempfile
from pathlib import Path

import mlflow
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression

import diptych
from diptych.models.integrations.mlflow import ModelSwapped, guard, track

with tempfile.TemporaryDirectory() as scratch:
    os.environ["DIPTYCH_KEYS__PASSPHRASE"] = "only for this example"
    folder = Path(scratch)
    os.chdir(folder)
    mlflow.set_tracking_uri(f"sqlite:///{folder / 'mlflow.db'}")
    mlflow.sklearn.autolog(silent=True)
    book = diptych.create(folder)

    X, y = load_breast_cancer(return_X_y=True)
    with track(book):  # the first line
        LogisticRegression(max_iter=5_000).fit(X, y)

    model = mlflow.last_active_run().outputs.model_outputs[0].model_id
    for record in reversed(book.records()):
        print(f"record {record.index}: {record.statement.kind} {record.name}")

    with guard(book):  # the second line
        print("loaded:", mlflow.sklearn.load_model(f"models:/{model}"))
        (weights,) = folder.glob(f"mlruns/**/{model}/artifacts/model.pkl")
        weights.write_bytes(weights.read_bytes() + b"x")
        try:
            mlflow.sklearn.load_model(f"models:/{model}")
        except ModelSwapped as error:
            print(f"refused [{error.code}]: {error.message}")
