"""Seal a folder, verify it, and see a change named: the main job in Python."""

import tempfile
from pathlib import Path

import diptych
from diptych.core.errors import VerificationError
from diptych.core.secret import Secret

with tempfile.TemporaryDirectory() as scratch:
    folder = Path(scratch)
    (folder / "study").mkdir()
    (folder / "study" / "patients.csv").write_text("id,age\n1,47\n2,51\n")

    book = diptych.create(folder, prompt=lambda reason: Secret("only for this example"))
    sealed = book.seal("study")
    print(f"record {sealed.index} seals {sealed.files} file with root {sealed.root[:16]}")

    for answer in book.verify("study").answers:
        print(f"{answer.question:<13} {answer.status:<14} {answer.text}")

    (folder / "study" / "patients.csv").write_text("id,age\n1,47\n2,15\n")
    try:
        book.verify("study")
    except VerificationError as error:
        print(f"refused with {error.code}: {error.message}")
