"""The five gates refuse data without a report that counts, in Python and on the command line."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.app.program import Program
from tests.unit.app.test_data_check import RULES, gate, opened, refused_in_training, write

import diptych
from diptych.app.verbs.requirements import require_stage
from diptych.app.verbs.signing import append_drafts
from diptych.app.workspace import Workspace
from diptych.core.errors import DiptychError
from diptych.provenance.keys.signer import Ed25519Signer
from diptych.provenance.requirements import QualityClaim, RequirementUnmet
from diptych.provenance.statement import Draft, Edge, Subject, sign_statements

MODEL = Path(diptych.__file__).parent / "models" / "zoo" / "columns" / "model.onnx"
CLAIM = QualityClaim("pass", "11" * 32, "33" * 32, "diptych 9.0")


@pytest.fixture
def study(book: Program, monkeypatch: pytest.MonkeyPatch) -> Program:
    """A workspace with a good and a bad table, a model of each, and a licence on the good one."""
    for name, value in book.environ.items():
        monkeypatch.setenv(name, value)
    write(book.folder / "good.csv")
    write(book.folder / "bad.csv", spoiled=True)
    (book.folder / "rules.toml").write_text(RULES)
    (book.folder / "m.onnx").write_bytes(MODEL.read_bytes())
    (book.folder / "rows.json").write_text("[]")
    for name in ("good", "bad"):
        book.ok("data", "add", f"{name}.csv", "--name", name)
        book.ok("data", "license", "set", name, "CC0-1.0")
        book.ok("model", "publish", "m.onnx", f"of-{name}", "--trained-on", name)
    return book


COMMANDS = {
    "seal": ("seal", "{}.csv"),
    "train": ("model", "publish", "m.onnx", "new", "--trained-on", "{}"),
    "publish": ("model", "publish", "m.onnx", "new", "--trained-on", "{}"),
    "serve": ("model", "use", "of-{}", "rows.json"),
    "sell": ("data", "license", "grant", "{}", "Ada"),
}


def _train(book: Workspace, name: str) -> None:
    with book.run("train") as run:
        run.use(name)


VERBS: dict[str, Callable[[Workspace, str], object]] = {
    "seal": lambda book, name: book.seal(f"{name}.csv"),
    "train": _train,
    "publish": lambda book, name: book.models.publish("m.onnx", "new", trained_on=[name]),
    "serve": lambda book, name: book.models.load(f"of-{name}"),
    "sell": lambda book, name: require_stage(book, "sell", [book.data.show(name).record]),
}


def refusal(study: Program, stage: str, name: str) -> str:
    """Hold the same refusal from both sides; return its message."""
    words = [word.format(name) for word in COMMANDS[stage]]
    error = study(*words, "--json").error
    assert error["code"] == "Requirement.Unmet", error
    assert error["hint"].startswith("diptych data ")
    with opened(study) as book, pytest.raises(RequirementUnmet) as caught:
        VERBS[stage](book, name)
    assert caught.value.message == error["message"]
    return str(error["message"])


@pytest.mark.parametrize("stage", COMMANDS)
def test_each_stage_asks_for_a_report_and_names_rule_and_rows(study: Program, stage: str) -> None:
    gate(study, f"[{stage}]\n")
    assert "no quality report" in refusal(study, stage, "bad")
    what = "{}.csv" if stage == "seal" else "{}"
    study("data", "check", what.format("bad"), "--rules", "rules.toml")
    assert "range:age (1: rows 5)" in refusal(study, stage, "bad")
    study.ok("data", "check", what.format("good"), "--rules", "rules.toml")
    with opened(study) as book:
        VERBS[stage](book, "good")


@pytest.mark.parametrize("stage", ["train", "publish", "serve", "sell"])
def test_a_stale_report_does_not_count(study: Program, stage: str) -> None:
    study.ok("data", "check", "good")
    gate(study, f"[{stage}]\nmax_age_days = 30\n")
    with opened(study) as book:
        (record,) = [one.record for one in book.records() if one.name == "good.csv"][-1:]
        require_stage(book, stage, [record])
        now_s = book.clock()
        book.clock = lambda: now_s + 31 * 86_400
        with pytest.raises(RequirementUnmet, match="31 days old, 30 are allowed"):
            require_stage(book, stage, [record])
        book.clock = lambda: now_s - 5 * 86_400
        with pytest.raises(RequirementUnmet, match="days ahead"):
            require_stage(book, stage, [record])


@pytest.mark.parametrize("stage", ["train", "publish", "serve", "sell"])
def test_a_report_that_somebody_else_signed_does_not_count(study: Program, stage: str) -> None:
    stranger = Ed25519Signer(bytes(31) + b"\x07")
    with opened(study) as book, book.write_log() as log:
        data = book.data.show("good").record
        draft = Draft(
            "quality",
            (Subject("good.csv", {"sha256": "00" * 32}),),
            book.clock(),
            (Edge("used", data, {"role": "checked"}),),
            {"quality": CLAIM.to_json()},
        )
        with log.writer(book.lease_terms()) as writer:
            writer.append(sign_statements([draft], stranger))
    gate(study, f"[{stage}]\n")
    assert "its signature does not verify" in refusal(study, stage, "good")
    study.ok("data", "check", "good")
    with opened(study) as book:
        require_stage(book, stage, [data])
        own = book.records(limit=1)[0].signers[0]
    gate(study, f'[{stage}]\nsigners = ["{stranger.keyid}"]\n')
    assert "nobody who is named" in refusal(study, stage, "good")
    gate(study, f'[{stage}]\nsigners = ["{own}"]\n')
    with opened(study) as book:
        require_stage(book, stage, [data])


def test_a_later_failure_cannot_be_hidden_in_the_graph_file(study: Program) -> None:
    study.ok("data", "check", "good")
    gate(study, "[train]\n")
    with opened(study) as book:
        data = book.data.show("good").record
        require_stage(book, "train", [data])
        draft = Draft(
            "quality",
            (Subject("good.csv", {"sha256": "00" * 32}),),
            book.clock(),
            (Edge("used", data, {"role": "checked"}),),
            {"quality": replace(CLAIM, verdict="fail", file="good.csv").to_json()},
        )
        with book.write_log() as log:
            (index,) = append_drafts(book, log, [draft])
        with pytest.raises(RequirementUnmet):
            require_stage(book, "train", [data])
        with closing(sqlite3.connect(book.place.graph)) as graph, graph:
            graph.execute("DELETE FROM edges WHERE src=?", (index,))
    with opened(study) as book, pytest.raises(RequirementUnmet):
        require_stage(book, "train", [data])


def test_patterns_are_about_the_names_of_data_whatever_file_they_came_from(study: Program) -> None:
    study.ok("data", "add", "bad.csv", "--name", "patients")
    study.ok("data", "add", "good.csv", "--name", "patients-hidden", "--private")
    gate(study, '[train]\napplies_to = ["patients*"]\n')
    refused_in_training(study, "patients", "no quality report")
    refused_in_training(study, "patients-hidden", "patients-hidden@1 may not be used")
    with opened(study) as book, book.run("train") as run:
        run.use("good")


def test_private_data_without_a_name_here_are_held_to_every_pattern(study: Program) -> None:
    study.ok("seal", "--private", "bad.csv")
    gate(study, '[train]\napplies_to = ["patients*"]\n')
    with opened(study) as book:
        record = next(one.record for one in book.records() if one.statement.kind == "private")
        with pytest.raises(RequirementUnmet, match="record"):
            require_stage(book, "train", [record])


def test_a_stream_or_an_output_of_a_run_is_no_way_around_the_seal_stage(study: Program) -> None:
    gate(study, "[seal]\n")
    raw = (study.folder / "bad.csv").read_bytes()
    words = ("seal", "-", "--name", "bad.csv", "--json")
    assert study(*words, stdin=raw).error["code"] == "Requirement.Unmet"
    assert study("seal", "-", "--name", "notes.txt", stdin=b"x").code == 0
    with opened(study) as book:
        with pytest.raises(RequirementUnmet, match="may not be sealed"), book.run("make") as run:
            run.produce("bad.csv")
        book.data.check(Path("good.csv"))
        with book.run("make") as run:
            made = run.produce("good.csv")
        (sealed,) = [one for one in book.records() if one.record == made.record]
        assert "checkedBy" in {edge.relation for edge in sealed.statement.edges}
    good = (study.folder / "good.csv").read_bytes()
    assert study("seal", "-", "--name", "good.csv", stdin=good).code == 0


def test_a_croissant_import_is_held_to_the_seal_stage(study: Program) -> None:
    study.ok("data", "export", "good", "-o", "out.json")
    gate(study, "[seal]\n")
    words = ("data", "import", "out.json", "--name", "again", "--json")
    assert study(*words).error["code"] == "Requirement.Unmet"
    study.ok("data", "check", "good.csv")
    assert study(*words).code == 0


def test_a_change_of_owner_is_a_sale(study: Program) -> None:
    gate(study, "[sell]\n")
    words = ("model", "transfer", "of-bad", "0x" + "11" * 20, "--json")
    assert study(*words).error["code"] == "Requirement.Unmet"


def test_requirements_in_the_settings_say_where_they_belong(study: Program) -> None:
    path = study.folder / ".diptych" / "diptych.toml"
    path.write_text('[requirements]\nseal = "pass"\n')
    error = study("status", "--json").error
    assert error["code"] == "Config.BadSetting"
    assert "diptych-requirements.toml" in error["hint"]
    with pytest.raises(DiptychError, match="no setting"):
        diptych.open(study.folder)
