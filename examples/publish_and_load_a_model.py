"""Publish a model, load it under all checks, see a swapped one refused, prove one layer."""

import tempfile
from pathlib import Path

import numpy as np
import skops.io
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression

import diptych
from diptych.app.verbs.model.usage import log_usage, usage_total
from diptych.core.errors import DiptychError
from diptych.core.secret import Secret
from diptych_verify.verify import verify_bundle

with tempfile.TemporaryDirectory() as scratch:
    folder = Path(scratch)
    table, label = load_breast_cancer(return_X_y=True)
    np.savetxt(folder / "train.csv", np.column_stack([table, label]), delimiter=",")
    model = LogisticRegression(max_iter=10_000).fit(table, label)
    skops.io.dump(model, folder / "tumour.skops")

    book = diptych.create(folder, prompt=lambda reason: Secret("only for this example"))
    book.seal("train.csv")
    card = {
        "summary": "Benign or malignant from thirty measurements.",
        "intended_use": "Teaching.",
        "limits": ["One hospital, 1995."],
        "metrics": [{"name": "training accuracy", "value": float(model.score(table, label))}],
    }
    people = [{"name": "Ada", "role": "trainer", "share": "0.6"}]
    done = book.models.publish(
        "tumour.skops", "tumour", card=card, trained_on=["train.csv"], contributors=people
    )
    book.models.alias("tumour", "production")
    print(f"{done.name}@{done.version}: {done.parameters} parameters")

    loaded = book.models.load("tumour:production")
    print(loaded.predict(table[:3])["prediction"], loaded.evidence.verified.answer("who").status)

    other = LogisticRegression(max_iter=10_000).fit(table, 1 - label)
    skops.io.dump(other, folder / "tumour.skops")
    try:
        book.models.load("tumour:production", path="tumour.skops")
    except DiptychError as error:
        print(error.code, error.message)

    layer = book.models.export("tumour", "layer", tensor="coef_")
    bundle = (layer / "bundle.diptych.json").read_bytes()
    print(verify_bundle(bundle, path=layer / "values.bin").answer("untampered").text)

    # Each call is recorded by itself; who it was for is proven, and named by a pseudonym only.
    book.models.license("model/tumour", "MIT")
    loaded.predict(table, licensee="Hospital B")
    log_usage(book)
    print(usage_total(book, "Hospital B").units, "rows for Hospital B, proven")
