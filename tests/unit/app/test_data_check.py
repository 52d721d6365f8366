"""`data check` and the gate, on the command line and from Python."""

import json
from pathlib import Path

import pytest
from tests.unit.app.program import Program
from tests.unit.quality.planted import NAMES, clean, place

import diptych
from diptych.app.verbs.signing import append_drafts
from diptych.app.workspace import Workspace
from diptych.provenance.requirements import RequirementUnmet
from diptych.provenance.statement import Draft, Edge, Subject

RULES = """format = "diptych-rules/1"
[[columns]]
name = "age"
type = "integer"
minimum = 0
maximum = 120
"""
GATE = 'format = "diptych-requirements/1"\n'


def write(path: Path, spoiled: bool = False, count: int = 60) -> None:
    grid = clean(count)
    if spoiled:
        grid[4][place("age")] = 190
    lines = [",".join(NAMES), *(",".join(map(str, row)) for row in grid)]
    path.write_text("\n".join(lines) + "\n")


@pytest.fixture
def study(book: Program, monkeypatch: pytest.MonkeyPatch) -> Program:
    """A workspace with rules, a good and a bad table, and a program in it."""
    for name, value in book.environ.items():
        monkeypatch.setenv(name, value)
    write(book.folder / "good.csv")
    write(book.folder / "bad.csv", spoiled=True)
    (book.folder / "rules.toml").write_text(RULES)
    return book


def gate(book: Program, text: str) -> None:
    (book.folder / "diptych-requirements.toml").write_text(GATE + text)


def opened(book: Program) -> Workspace:
    return diptych.open(book.folder)


def refused_in_training(study: Program, what: str, said: str) -> None:
    with (
        opened(study) as book,
        book.run("train") as run,
        pytest.raises(RequirementUnmet, match=said),
    ):
        run.use(what)


def test_a_check_of_sealed_data_is_logged_and_read_again(study: Program) -> None:
    study.ok("data", "add", "bad.csv", "--name", "bad")
    ran = study("data", "check", "bad", "--rules", "rules.toml", "--json", "--html", "r.html")
    said = json.loads(ran.out)
    assert ran.code == 1
    assert [(one["rule"], one["rows"]) for one in said["findings"]] == [("range:age", [5])]
    assert "<svg" in (study.folder / "r.html").read_text()
    again = study.ok("data", "report", "bad")
    assert again["findings"] == said["findings"]
    record = study.ok("log")["records"][0]
    assert record["kind"] == "quality"
    assert [one["rel"] for one in record["edges"]] == ["used"]


def test_a_good_table_passes_and_a_dry_run_logs_nothing(study: Program) -> None:
    before = study.ok("log")["records"]
    assert study("data", "check", "good.csv", "--rules", "rules.toml", "--dry-run").code == 0
    assert study.ok("log")["records"] == before
    said = study("data", "check", "good.csv", "--rules", "rules.toml").out
    assert "pass: 0 rules" in said


def test_what_is_not_sealed_leaves_nothing_public(study: Program) -> None:
    study("data", "check", "bad.csv", "--rules", "rules.toml")
    with opened(study) as book:
        record = book.records(limit=1)[0]
        assert record.statement.subjects[0].digests.keys() == {"diptychCommitment1"}
        assert "failed" not in str(record.statement.predicate)
        kept = b"".join(
            path.read_bytes()
            for path in (study.folder / ".diptych" / "objects").rglob("*")
            if path.is_file()
        )
    assert b"range:age" not in kept


def test_tables_in_a_folder_are_named_with_file(study: Program) -> None:
    write(study.folder / "study" / "b.csv", spoiled=True)
    study.ok("data", "add", "study", "--name", "two")
    ran = study("data", "check", "two", "--json")
    assert ran.error["code"] == "Quality.NoTable"
    assert "'a.csv', 'b.csv'" in ran.error["message"]
    study.ok("data", "check", "two", "--file", "b.csv")
    with opened(study) as book:
        assert '"file": "b.csv"' in json.dumps(
            book.records(limit=1)[0].statement.predicate["quality"]
        )


def test_drift_and_leakage_take_references(study: Program) -> None:
    study.ok("data", "add", "good.csv", "--name", "good")
    ran = study("data", "check", "bad.csv", "--train", "good", "--parent", "good", "--json")
    found = {one["rule"]: one["count"] for one in json.loads(ran.out)["findings"]}
    assert found == {"leak": 59}


def test_the_seal_stage_refuses_what_was_not_checked_and_names_the_rows(study: Program) -> None:
    gate(study, "[seal]\n")
    assert study("data", "add", "good.csv", "--json").error["code"] == "Requirement.Unmet"
    study("data", "check", "bad.csv", "--rules", "rules.toml")
    said = study("data", "add", "bad.csv", "--json").error["message"]
    assert "range:age (1: rows 5)" in said
    study.ok("data", "check", "good.csv", "--rules", "rules.toml")
    study.ok("data", "add", "good.csv", "--name", "good")
    study.ok("seal", "rules.toml")
    with opened(study) as book:
        edges = book.data.show("good").to_json()
    assert "checkedBy" in json.dumps(edges)
    (study.folder / "good.csv").write_text("x\n1\n")
    assert study("data", "add", "good.csv", "--json").error["code"] == "Requirement.Unmet"


def test_the_seal_stage_holds_for_private_data_and_forgets_the_link(study: Program) -> None:
    gate(study, "[seal]\n")
    assert study("seal", "--private", "good.csv").code == 1
    study.ok("data", "check", "good.csv", "--rules", "rules.toml")
    study.ok("data", "add", "good.csv", "--private", "--name", "p")
    assert list((study.folder / ".diptych" / "private" / "quality").iterdir()) == []
    gate(study, "[train]\n")
    with opened(study) as book, book.run("train") as run:
        assert run.use("p").kind == "private"


def test_the_train_stage(study: Program) -> None:
    study.ok("data", "add", "bad.csv", "--name", "bad")
    gate(study, "[train]\nmax_age_days = 30\n")
    with opened(study) as book, book.run("train") as run:
        with pytest.raises(RequirementUnmet, match="no quality report"):
            run.use("bad")
        run.use("bad", role="test")
    study("data", "check", "bad", "--rules", "rules.toml")
    refused_in_training(study, "bad", "range:age")


def test_a_rule_set_can_be_required_by_its_digest(study: Program) -> None:
    study.ok("data", "add", "good.csv", "--name", "good")
    digest = study.ok("data", "check", "good")["rules"]
    gate(study, f'[train]\nrules = ["{"00" * 32}"]\n')
    refused_in_training(study, "good", "other rules")
    gate(study, f'[train]\nrules = ["{digest}"]\n')
    with opened(study) as book, book.run("train") as run:
        run.use("good")


def test_a_broken_requirements_file_lets_nothing_through(study: Program) -> None:
    gate(study, "[trian]\n")
    assert study("data", "add", "good.csv", "--json").error["code"] == "Requirement.Bad"


def test_the_sell_stage_and_a_report_that_was_revoked(study: Program) -> None:
    study.ok("data", "add", "good.csv", "--name", "good")
    study.ok("data", "license", "set", "good", "CC-BY-4.0")
    gate(study, "[sell]\n")
    grant = ("data", "license", "grant", "good", "Ada", "--json")
    assert study(*grant).error["code"] == "Requirement.Unmet"
    checked = study.ok("data", "check", "good")
    assert study(*grant).code == 0
    with opened(study) as book:
        revoke = Draft(
            "revocation",
            (Subject("report", {"sha256": "00" * 32}),),
            book.clock(),
            (Edge("revokes", checked["record"]),),
            {"revocation": {"reason": "wrong table"}},
        )
        with book.write_log() as log:
            append_drafts(book, log, [revoke])
    assert "revoked" in study(*grant).error["message"]


def test_publish_and_serve_follow_the_training_data(study: Program) -> None:
    model = Path(diptych.__file__).parent / "models" / "zoo" / "columns" / "model.onnx"
    (study.folder / "m.onnx").write_bytes(model.read_bytes())
    study.ok("data", "add", "bad.csv", "--name", "bad")
    gate(study, "[publish]\n")
    with opened(study) as book:
        with pytest.raises(RequirementUnmet, match="published"):
            book.models.publish("m.onnx", "m", trained_on=["bad"])
        gate(study, "[serve]\n")
        book.models.publish("m.onnx", "m", trained_on=["bad"])
        with pytest.raises(RequirementUnmet, match="served"):
            book.models.load("m")
        book.data.check("bad", rules=Path("rules.toml"))
        with pytest.raises(RequirementUnmet, match=r"range:age \(1: rows 5\)"):
            book.models.load("m")
        book.data.check("bad")
        assert book.models.load("m").name == "m"


def test_private_tables_are_checked_and_erasure_takes_the_report(study: Program) -> None:
    study.ok("data", "add-table", "bad.csv", "--subject", "id", "--name", "rows")
    ran = study("data", "check", "rows", "--rules", "rules.toml", "--json")
    said = json.loads(ran.out)
    assert [(one["rule"], one["rows"]) for one in said["findings"]] == [("range:age", [5])]
    with opened(study) as book:
        shown = json.dumps(book.records(limit=1)[0].statement.predicate["quality"])
        assert "age" not in shown
    study.ok("data", "report", "rows")
    gate(study, "[train]\n")
    refused_in_training(study, "rows", r"range:age \(1: rows 5\)")
    study("data", "erase", "rows", "--subject", clean(60)[4][0])
    assert study("data", "report", "rows", "--json").code != 0
    assert list((study.folder / ".diptych" / "private" / "quality").iterdir()) == []
