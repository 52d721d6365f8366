"""Index what the log anchor contract said on the embedded chain, and ask for it by block."""

import tempfile
from pathlib import Path

import diptych
from diptych.app.verbs.chain import chain_down
from diptych.app.verbs.index.asking import index_query
from diptych.app.verbs.index.origin import Origin
from diptych.app.verbs.index.run import run_index
from diptych.core.secret import Secret

MANIFEST = """
from diptych.index import Manifest, entity, kinds

@entity
class Log:
    id: kinds.Hash
    size: int
    root: kinds.Hash

manifest = Manifest("anchors", entities=[Log])
anchor = manifest.contract("Anchor", abi="Anchor")

@manifest.on(anchor.events.Anchored)
def anchored(event, read):
    args = event.args
    yield Log(id=args["id"], size=args["size"], root=args["root"])
"""
ASKED = "select size from log where _from <= $1 and (_to is null or _to > $1)"

with tempfile.TemporaryDirectory() as scratch:
    folder = Path(scratch)
    (folder / "anchors.py").write_text(MANIFEST)
    book = diptych.create(folder, prompt=lambda reason: Secret("only for this example"))
    try:
        anchored = []
        for size in (64, 32):
            (folder / "model.bin").write_bytes(bytes(size))
            book.seal("model.bin")
            anchored.append(book.anchor().block)
        report = run_index(book, folder / "anchors.py", Origin())
        print(f"block {report.block} of {report.head}: {report.events} events")
        for block in anchored:
            row = index_query(book, "anchors", ASKED, [block]).to_pylist()[0]
            print(f"at block {block} the log had {row['size']} records")
    finally:
        chain_down(book)
