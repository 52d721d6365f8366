"""More of chapter *prove*: a clinical table, a model trained on it, and what can be refused.

The table is the diabetes study inside scikit-learn (Efron et al., "Least Angle Regression", 2004);
its rows get subject numbers, which the original leaves out.
"""

import csv
import gzip
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

from diptych.app.tour.stage import Stage, Step, StepFailed
from diptych_verify.wording import counted

_COLUMNS = (
    *("subject", "age", "sex", "bmi", "blood_pressure"),
    *("s1", "s2", "s3", "s4", "s5", "s6", "progression"),
)
_SUBJECT = "S0007"
_CONTACTS = """\
name,email,birth_date,visits
Ada Example,ada@example.org,1961-02-11,4
Jonas Muster,jonas.muster@example.org,1974-10-30,2
Marie Modèle,m.modele@example.org,1949-06-05,7
Tomás Ejemplo,tomas@example.org,1988-12-19,3
"""
_RULES = """\
format = "diptych-rules/1"
[[columns]]
name = "subject"
type = "text"
unique = true
pattern = "S[0-9]{4}"
[[columns]]
name = "age"
type = "integer"
minimum = 18
maximum = 90
"""
_TRAINING = """\
import csv
from pathlib import Path

import numpy as np
from sklearn.linear_model import Ridge
from sklearn.model_selection import train_test_split

import diptych
from diptych.models.integrations.sklearn import record_fit
from diptych.models.integrations.stable_skops import stable_skops

rows = list(csv.reader(open("trial.csv")))[1:]
table = np.array([[float(value) for value in row[1:]] for row in rows])
X, held_out, y, truth = train_test_split(table[:, :-1], table[:, -1], random_state=7)
with diptych.open() as book:
    model = record_fit(
        book, Ridge(random_state=7), X, y,
        data=["trial"], save="progression.skops", model="progression",
    )
print(f"{model.score(held_out, truth):.2f}")
model.coef_ = -model.coef_
Path("swapped").mkdir()
Path("swapped/progression.skops").write_bytes(stable_skops(model))
"""


def _deidentify(stage: Stage) -> str:
    scan = stage.folder / "scan"
    scan.mkdir()
    shutil.copy(stage.folder / "study" / "CT_small.dcm", scan)
    done = stage.diptych("data", "deidentify", "scan", "--to", "clean", "--name", "scan")
    (cleaned,) = (stage.folder / "clean").rglob("*.dcm")
    if b"CompressedSamples" in cleaned.read_bytes():
        raise StepFailed("the cleaned image still holds the patient's name")
    count = sum(done["actions"].values())
    return (
        f"CT image: {count} attributes cleaned by PS3.15 E.1-1; linked to the original by salt only"
    )


def _screen(stage: Stage) -> str:
    _write_table(stage.folder / "trial.csv")
    (stage.folder / "contacts.csv").write_text(_CONTACTS)
    stage.diptych("model", "zoo")
    found = stage.diptych("data", "screen", "contacts.csv", expect=1)
    (stage.folder / "contacts.csv").unlink()
    personal = [column["column"] for column in found["columns"] if column["personal"]]
    if personal != ["name", "email", "birth_date"]:
        raise StepFailed(f"got personal columns {personal}")
    return f"our model {found['model']}, checked and loaded, warns of {', '.join(personal)}"


def _check(stage: Stage) -> str:
    (stage.folder / "rules.toml").write_text(_RULES)
    words = ("data", "check", "trial.csv", "--rules", "rules.toml")
    passed = stage.diptych(*words)
    sound = (stage.folder / "trial.csv").read_text()
    (stage.folder / "trial.csv").write_text(sound.replace("S0003,72,", "S0003,720,"))
    failed = stage.diptych(*words, "--dry-run", expect=1)
    (stage.folder / "trial.csv").write_text(sound)
    found = failed["findings"][0]
    rows = ", ".join(str(row) for row in found["rows"])
    refused = f"age 720 fails {found['rule']}, row {rows}"
    return f"{passed['rows']} rows pass, a signed report says so; {refused}"


def _seal_table(stage: Stage) -> str:
    added = stage.diptych(
        "data", "add-table", "trial.csv", "--name", "trial", "--subject", "subject"
    )
    held = stage.diptych("data", "subjects", "trial")["subjects"]
    return (
        f"{counted(len(held), 'subject')} under salted commitments, a key each, "
        f"record {added['record'][:16]}…"
    )


def _train(stage: Stage) -> str:
    (stage.folder / "train.py").write_text(_TRAINING)
    score = stage.program([sys.executable, "train.py"]).strip()
    record = stage.diptych("model", "show", "progression")["record"]
    return f"one call records run, data and model {record[:16]}…; R² {score} on held-out patients"


def _load(stage: Stage) -> str:
    lines = (stage.folder / "trial.csv").read_text().splitlines()[:4]
    (stage.folder / "patients.csv").write_text(
        "".join(",".join(line.split(",")[1:-1]) + "\n" for line in lines)
    )
    answer = stage.diptych("model", "use", "progression", "patients.csv")
    shown = ", ".join(f"{value:.0f}" for value in answer["outputs"]["prediction"])
    return f"digest, key, revocation and licence checked, then it predicts {shown}"


def _refuse_swapped(stage: Stage) -> str:
    words = ("model", "use", "progression", "patients.csv", "--path", "swapped")
    error = stage.diptych(*words, expect=1)["error"]
    if "progression.skops" not in error["message"]:
        raise StepFailed(f"the swapped file is not named: {error['message']}")
    return f"weights with the sign turned are refused: {error['message']}"


def _disclose(stage: Stage) -> str:
    words = ("data", "disclose", "trial", "--subject", _SUBJECT, "--column", "bmi")
    stage.diptych(*words, "--output", "field.diptych.json")
    answers = stage.diptych("verify", "field.diptych.json", "--policy", "policy.toml")["answers"]
    shown = next(a for a in answers if a["question"] == "untampered")
    if shown["status"] != "proven":
        raise StepFailed(f"got {shown}, expected proven")
    (stage.folder / "field.diptych.json").unlink()
    return f"{shown['text']}; nothing else of the table is shown"


def _erase(stage: Stage) -> str:
    (stage.folder / "trial.csv").unlink()
    erased = stage.diptych("data", "erase", "trial", "--subject", _SUBJECT)
    words = ("data", "disclose", "trial", "--subject", _SUBJECT, "--output", "again.diptych.json")
    error = stage.diptych(*words, expect=1)["error"]
    held = stage.diptych("data", "subjects", "trial")["subjects"]
    gone = counted(erased["subjects"], "subject")
    return f"{gone} gone ({error['code']}), {len(held)} still provable"


def _lineage(stage: Stage) -> str:
    nodes = stage.diptych("data", "lineage", "progression")["nodes"]
    states = {node["name"]: node["state"] for node in nodes}
    if set(states.values()) != {"verified"}:
        raise StepFailed(f"got {states}, expected every node verified")
    words = ("data", "lineage", "progression", "--format", "html", "--output", "lineage.html")
    stage.diptych(*words)
    size = (stage.folder / "lineage.html").stat().st_size
    return f"{counted(len(nodes), 'record')} verified, drawn in one page of {size:,} B"


def _write_table(target: Path) -> None:
    spec = find_spec("sklearn")
    if spec is None or spec.origin is None:
        raise StepFailed("scikit-learn is not installed", hint="pip install diptych")
    folder = Path(spec.origin).parent / "datasets" / "data"
    features = _lines(folder / "diabetes_data_raw.csv.gz")
    targets = _lines(folder / "diabetes_target.csv.gz")
    with target.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(_COLUMNS)
        for number, (row, progression) in enumerate(zip(features, targets, strict=True), start=1):
            table.writerow([f"S{number:04}", *row.split(), int(float(progression))])


def _lines(path: Path) -> list[str]:
    with gzip.open(path, "rt", encoding="ascii") as file:
        return [line for line in file.read().splitlines() if line.strip()]


STEPS: tuple[Step, ...] = (
    Step("de-identify", _deidentify),
    Step("screen a table", _screen),
    Step("check it", _check),
    Step("seal its rows", _seal_table),
    Step("train, publish", _train),
    Step("load, predict", _load),
    Step("swapped model", _refuse_swapped),
    Step("disclose a field", _disclose),
    Step("erase a subject", _erase),
    Step("draw the lineage", _lineage),
)
