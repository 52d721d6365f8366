"""MLflow's side of bench_run.py: import it and log one run with parameters, metrics and a file.

Usage: python run_mlflow.py FOLDER
"""

import importlib
import sys
from pathlib import Path


def main(folder: Path) -> None:
    """Log one run into the SQLite store of `folder`."""
    mlflow = importlib.import_module("mlflow")
    mlflow.set_tracking_uri(f"sqlite:///{folder / 'mlflow.db'}")
    if mlflow.get_experiment_by_name("bench") is None:
        mlflow.create_experiment("bench", artifact_location=str(folder / "artifacts"))
    mlflow.set_experiment("bench")
    with mlflow.start_run(run_name="train"):
        mlflow.log_params({"seed": 7, "depth": 3, "rate": 0.1, "kind": "forest", "rows": 683})
        model = folder / "model.txt"
        model.write_text("weights\n", encoding="utf-8")
        mlflow.log_metrics({"auc": 0.91, "accuracy": 0.88, "loss": 0.31})
        mlflow.log_artifact(str(model))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
