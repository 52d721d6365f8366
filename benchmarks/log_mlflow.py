"""MLflow's side of bench_log.py: `log_batch` of 1,000 metrics into its SQLite store.

Usage: python log_mlflow.py FOLDER COUNT
"""

import importlib
import json
import sys
import time
from pathlib import Path

_BATCH = 1_000  # the most that log_batch takes


def measure(folder: Path, count: int) -> dict[str, float]:
    """Log `count` metrics and return how many went in each second."""
    mlflow = importlib.import_module("mlflow")
    mlflow.set_tracking_uri(f"sqlite:///{folder / 'mlflow.db'}")
    client = mlflow.MlflowClient()
    experiment = client.create_experiment("bench", artifact_location=str(folder / "artifacts"))
    run = client.create_run(experiment).info.run_id
    metric = mlflow.entities.Metric
    spent_s = 0.0
    for at in range(0, count, _BATCH):
        batch = [
            metric(f"value-{number % 100}", float(number), 1_800_000_000_000 + number, number)
            for number in range(at, min(count, at + _BATCH))
        ]
        start_s = time.perf_counter()
        client.log_batch(run, metrics=batch)
        spent_s += time.perf_counter() - start_s
    return {"per_s": count / spent_s}


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2]))))
