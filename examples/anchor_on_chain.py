"""Anchor a log on the embedded chain and check the evidence without the chain."""

import tempfile
from pathlib import Path

import diptych
from diptych.app.verbs.chain import chain_down
from diptych.core.secret import Secret
from diptych_verify.verify import verify_bundle

with tempfile.TemporaryDirectory() as scratch:
    folder = Path(scratch)
    (folder / "model.bin").write_bytes(bytes(range(256)) * 64)

    book = diptych.create(folder, prompt=lambda reason: Secret("only for this example"))
    try:
        book.seal("model.bin")
        first = book.anchor()
        (folder / "model.bin").write_bytes(bytes(range(255)) * 64)
        book.seal("model.bin")
        steady = book.anchor()
        print(f"first anchor {first.gas_used:,} gas, steady {steady.gas_used:,} gas")
    finally:
        chain_down(book)

    when = verify_bundle(book.bundle("model.bin")).answer("when")
    print(f"{when.status}: {when.text}")
