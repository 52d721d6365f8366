"""Our side of bench_run.py: import diptych and log one run with the same content."""

from pathlib import Path

import diptych

with diptych.open() as book:
    params = {"depth": 3, "rate": 0.1, "kind": "forest", "rows": 683}
    with book.run("train", params=params, seed=7) as run:
        model = run.produce("model.txt")
        Path(model).write_text("weights\n", encoding="utf-8")
        run.note(auc=0.91, accuracy=0.88, loss=0.31)
