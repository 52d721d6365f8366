"""Check a table, require a passing report before training, and see what is refused.

Run: python examples/check_a_table.py
"""

import os
import tempfile
from pathlib import Path

from sklearn.datasets import load_breast_cancer

import diptych
from diptych.provenance.requirements import RequirementUnmet

RULES = """format = "diptych-rules/1"
label = "target"
[[columns]]
name = "mean radius"
type = "number"
minimum = 0
maximum = 50
"""


def main() -> None:
    """Train on a clean table; be refused on one with a wrong unit and flipped labels."""
    os.environ.setdefault("DIPTYCH_KEYS__PASSPHRASE", "only for this example")
    frame = load_breast_cancer(as_frame=True).frame.iloc[:, [0, 1, 2, 3, 4, 30]]
    spoiled = frame.copy()
    spoiled.loc[7, "mean radius"] *= 1000
    spoiled.loc[100:140, "target"] = 1 - spoiled.loc[100:140, "target"]
    with tempfile.TemporaryDirectory() as folder:
        book = diptych.create(folder)
        Path(folder, "rules.toml").write_text(RULES)
        Path(folder, "diptych-requirements.toml").write_text(
            'format = "diptych-requirements/1"\n[train]\n'
        )
        for name, table in (("clean", frame), ("spoiled", spoiled)):
            table.to_csv(Path(folder, f"{name}.csv"), index=False)
            book.data.add(f"{name}.csv")
            report = book.data.check(name, rules=Path("rules.toml")).report
            print(f"{name}: {report.verdict}, {[one.rule for one in report.failures]}")
            with book.run("train") as run:
                try:
                    run.use(name)
                    print(f"{name}: may be used for training")
                except RequirementUnmet as refusal:
                    print(f"refused: {refusal.message}")


if __name__ == "__main__":
    main()
