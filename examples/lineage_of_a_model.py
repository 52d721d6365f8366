"""Version data, record a training, and ask where the model comes from and what reached it."""

import tempfile
from pathlib import Path

import diptych
from diptych.core.secret import Secret
from diptych.provenance.graph import Direction, WalkOptions
from diptych.provenance.graph.page import lineage_page

with tempfile.TemporaryDirectory() as scratch:
    folder = Path(scratch)
    (folder / "visits.csv").write_text("id,age\nP-1,47\nP-2,51\n")
    (folder / "ages.csv").write_text("age\n47\n51\n")

    book = diptych.create(folder, prompt=lambda reason: Secret("only for this example"))
    book.data.add("visits.csv", store=True, attributed=["Hospital A:collector"])
    book.data.add("ages.csv", derived_from=["visits"], store=True)
    (folder / "visits.csv").write_text("id,age\nP-1,47\nP-2,52\nP-3,60\n")
    book.data.add("visits.csv", store=True)

    print(book.data.diff("visits@1", "visits@2", key=["id"]).inside[0].text())

    for node in book.lineage("ages").nodes:
        print(node.hops, node.kind, node.name, node.state)

    down = book.lineage("visits@1", options=WalkOptions(Direction.DOWN))
    print("led to", [node.name for node in down.nodes if node.hops < 0])

    found = book.data.impact("P-2", subject=True, column="id")
    print("P-2 is in", [one.name for one in found.found], "and reached", dict(found.others))

    page = lineage_page(book.lineage("ages"))
    (folder / "ages.html").write_text(page)
    print("a page of", len(page) // 1000, "kB, which loads nothing")
