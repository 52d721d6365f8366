"""MLflow's side of bench_models.py: does its registry load what was exchanged behind its back?

Usage: python models_mlflow.py WORK. Prints one JSON object: attack to whether loading failed.
"""

import importlib
import json
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any


def main(work: Path) -> dict[str, bool]:
    """Register two versions of a scikit-learn model and attack the registry in four ways."""
    mlflow: Any = importlib.import_module("mlflow")
    linear: Any = importlib.import_module("sklearn.linear_model")
    mlflow.set_tracking_uri(f"sqlite:///{work / 'mlflow.db'}")
    mlflow.set_experiment("attacks")
    for slope in (1.0, 100.0):
        model = linear.LinearRegression().fit([[0.0], [1.0]], [0.0, slope])
        with mlflow.start_run():
            mlflow.log_metric("auc", 0.8)
            mlflow.sklearn.log_model(
                model, name="model", registered_model_name="tumour", serialization_format="pickle"
            )
    client = mlflow.MlflowClient()
    client.set_registered_model_alias("tumour", "production", 1)
    return {
        "edited history": _notices(lambda: _edit_metric(work), mlflow),
        "moved alias": _notices(lambda: _move_alias(work), mlflow),
        "swapped weights": _notices(lambda: _swap(client), mlflow),
        "added file": _notices(lambda: _add(client), mlflow),
    }


def _notices(attack: Any, mlflow: Any) -> bool:
    attack()
    try:
        mlflow.sklearn.load_model("models:/tumour@production").predict([[1.0]])
    except mlflow.exceptions.MlflowException:
        return True
    return False


def _artifacts(client: Any, version: str) -> Path:
    from urllib.parse import urlparse

    mlflow: Any = importlib.import_module("mlflow")
    uri = client.get_model_version_download_uri("tumour", version)
    path = Path(urlparse(uri).path)
    if path.is_dir():
        return path
    return Path(urlparse(mlflow.get_logged_model(uri.rsplit("/", 1)[-1]).artifact_location).path)


def _swap(client: Any) -> None:
    good, bad = (_artifacts(client, version) / "model.pkl" for version in ("1", "2"))
    shutil.copy(bad, good)


def _add(client: Any) -> None:
    (_artifacts(client, "1") / "custom.py").write_text("import os\n")


def _move_alias(work: Path) -> None:
    with closing(sqlite3.connect(work / "mlflow.db")) as connection, connection:
        changed = connection.execute("UPDATE registered_model_aliases SET version=2").rowcount
    if changed != 1:
        raise RuntimeError(f"expected one alias, changed {changed}")


def _edit_metric(work: Path) -> None:
    with closing(sqlite3.connect(work / "mlflow.db")) as connection, connection:
        changed = connection.execute("UPDATE metrics SET value=0.99").rowcount
    if not changed:
        raise RuntimeError("expected metrics to change")


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]).resolve())))
