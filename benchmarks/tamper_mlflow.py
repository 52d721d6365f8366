"""MLflow's side of bench_tamper.py: is an exchanged artifact noticed when it is fetched?

Usage: python tamper_mlflow.py WORK GOOD TAMPERED...
"""

import importlib
import json
import shutil
import sys
from pathlib import Path


def main(work: Path, good: Path, tampered: list[Path]) -> list[bool]:
    """Return for each tampered folder whether fetching it failed."""
    mlflow = importlib.import_module("mlflow")
    mlflow.set_tracking_uri(f"sqlite:///{work / 'mlflow.db'}")
    client = mlflow.MlflowClient()
    experiment = client.create_experiment("tamper", artifact_location=str(work / "artifacts"))
    noticed = []
    for folder in tampered:
        run = client.create_run(experiment).info.run_id
        client.log_artifacts(run, str(good), "trial")
        stored = work / "artifacts" / run / "artifacts" / "trial"
        if not stored.is_dir():
            raise RuntimeError(f"expected the artifacts in {stored}")
        shutil.rmtree(stored)
        shutil.copytree(folder, stored)
        try:
            client.download_artifacts(run, "trial")
            noticed.append(False)
        except mlflow.exceptions.MlflowException:
            noticed.append(True)
    return noticed


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]), [Path(p) for p in sys.argv[3:]])))
