"""Seal patient data privately, then open one file of it with proof and nothing else."""

import tempfile
from pathlib import Path

import diptych
from diptych.app.verbs.bundle import make_bundle
from diptych.core.secret import Secret
from diptych_verify.bundle import parse_bundle
from diptych_verify.verify import verify_bundle

with tempfile.TemporaryDirectory() as scratch:
    folder = Path(scratch)
    (folder / "ward").mkdir()
    for number in range(5):
        (folder / "ward" / f"patient-{number}.txt").write_text(f"insurance 12345678{number}\n")

    book = diptych.create(folder, prompt=lambda reason: Secret("only for this example"))
    book.seal("ward", private=True)
    print(book.verify("ward").answer("untampered").text)

    bundle = make_bundle(book, "ward", disclose=["patient-3.txt"])
    (opened,) = parse_bundle(bundle).disclosed
    print(f"opened {opened.value} among {opened.leaves} leaves")
    print(verify_bundle(bundle).answer("untampered").text)
    assert b"patient-1" not in bundle
