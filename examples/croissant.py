"""Data described in Croissant for others, and data that others describe."""

import os
import tempfile
from pathlib import Path

import diptych
from diptych.core.errors import VerificationError

with tempfile.TemporaryDirectory() as scratch:
    os.environ["DIPTYCH_KEYS__PASSPHRASE"] = "only for this example"
    folder = Path(scratch)
    os.chdir(folder)
    book = diptych.create(folder)

    Path("trial").mkdir()
    Path("trial/visits.csv").write_text("visit,weight_kg\n1,70.5\n2,70.1\n")
    book.data.add("trial", name="trial", attributed=["Hospital A:collector"])

    done = book.data.export_croissant("trial", "trial.croissant.json")
    print(f"described {done.files} file and {done.tables} table")

    back = book.data.import_croissant("trial.croissant.json", name="received")
    print(f"imported {back.name}@{back.version}: {back.files} file held to its digest")

    Path("trial/visits.csv").write_text("visit,weight_kg\n1,70.5\n2,80.1\n")
    try:
        book.data.import_croissant("trial.croissant.json", name="received")
    except VerificationError as error:
        print(f"refused [{error.code}]")
