"""Record a scikit-learn training with one call, replay it, and see that the same model comes out.

Run: python examples/train_scikit_learn.py
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from sklearn import datasets

import diptych
from diptych.app.verbs.model.reproduce import reproduce

TRAINING = """\
import diptych
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from diptych.models.integrations.sklearn import record_fit

X, y = load_breast_cancer(return_X_y=True)
model = make_pipeline(StandardScaler(), LogisticRegression(random_state=7))
with diptych.open() as book:
    record_fit(book, model, X, y, data=["wdbc.csv"], save="model.skops")
"""


def main() -> None:
    """Train in one process, replay in another."""
    os.environ["DIPTYCH_KEYS__PASSPHRASE"] = "only for this example"
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        source = Path(datasets.__file__).parent / "data" / "breast_cancer.csv"
        shutil.copyfile(source, folder / "wdbc.csv")
        (folder / "train.py").write_text(TRAINING)
        book = diptych.create(folder)
        subprocess.run([sys.executable, "train.py"], cwd=folder, check=True)
        for record in reversed(book.records()):
            print(f"record {record.index}: {record.statement.kind} {record.name}")

        again = reproduce(book, "model.skops")
        print(f"replayed: {'same digest' if again.same else 'another digest'}")

        (folder / "wdbc.csv").write_text("a,b\n1,2\n")
        changed = reproduce(book, "model.skops")
        print(f"data changed: {changed.drift[0].details[0]}; result the same: {changed.same}")


if __name__ == "__main__":
    main()
