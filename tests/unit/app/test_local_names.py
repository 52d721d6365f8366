"""A private version has its name in this workspace, and nowhere else."""

import json

import pytest
from tests.model_attacks.files import folder_model
from tests.unit.app.program import Program


@pytest.fixture
def trained(book: Program) -> Program:
    """A private table, a private seal without a name, and a model trained on the table."""
    (book.folder / "t.csv").write_text("subject,age\nS1,40\nS2,41\n")
    (book.folder / "u.csv").write_text("a\n1\n")
    book.ok("data", "add-table", "t.csv", "--subject", "subject", "--name", "trial")
    book.ok("seal", "u.csv", "--private")
    folder_model(book.folder / "model", seed=1)
    book.ok("model", "publish", "model", "m", "--trained-on", "trial")
    return book


@pytest.mark.parametrize("form", ["table", "svg", "html"])
def test_lineage_shows_the_local_name(trained: Program, form: str) -> None:
    for space in ("data", "model"):
        assert "trial@1" in trained(space, "lineage", "m", "--format", form).out
    found = trained.ok("model", "lineage", "m")["nodes"][1]
    assert (found["kind"], found["name"], found["local_name"]) == ("private", "private", "trial@1")


def test_card_and_log_show_the_local_name(trained: Program) -> None:
    shown = trained("model", "show", "m", "--card", "card.md").out
    assert "- train: trial@1 (record `" in shown
    assert "trial@1" in trained("log").out
    records = {one["index"]: one for one in trained.ok("log")["records"]}
    named = {one["local_name"] for one in records.values() if one["kind"] == "private"}
    assert named == {"trial@1", None}
    assert trained.ok("log", "trial")["local_name"] == "trial@1"


def test_a_second_version_keeps_apart_from_the_first(trained: Program) -> None:
    (trained.folder / "t.csv").write_text("subject,age\nS1,40\nS2,42\n")
    trained.ok("data", "add-table", "t.csv", "--subject", "subject", "--name", "trial")
    found = trained.ok("data", "lineage", "trial", "--versions")["nodes"]
    assert [one["local_name"] for one in found] == ["trial@2", "trial@1"]


def test_what_leaves_the_workspace_does_not_say_it(trained: Program) -> None:
    assert "trial" not in trained("model", "lineage", "m", "--format", "prov").out
    trained.ok("bundle", "m", "--lineage", "-o", "m.json")
    trained.ok("model", "show", "m", "--card", "card.md")
    for name in ("m.json", "card.md"):
        assert "trial" not in (trained.folder / name).read_text()
    assert "trial" not in json.dumps(trained.ok("model", "show", "m")["card"])


def test_verify_answers_what_a_model_derives_from(trained: Program) -> None:
    def derived_from(what: str) -> str:
        lines = trained("model", "verify", what).out.splitlines()
        return next(line for line in lines if line.startswith("derived_from"))

    assert "proven" in derived_from("m")
    assert "'private' (index 1)" in derived_from("m")
    folder_model(trained.folder / "other", seed=2)
    trained.ok("model", "publish", "other", "plain")
    assert "names no sources" in derived_from("plain")


def test_a_source_by_a_key_outside_the_policy_is_not_shown(trained: Program) -> None:
    new = trained.ok("key", "rotate")["keyid"]
    folder_model(trained.folder / "other", seed=2)
    trained.ok("model", "publish", "other", "later", "--trained-on", "trial")
    alone = f'format = "diptych-policy/1"\n[[signers]]\nkeyid = "{new}"\n'
    (trained.folder / "alone.toml").write_text(alone)
    shown = trained("model", "verify", "later", "--policy", "alone.toml")
    assert shown.code == 0, shown.err
    assert "1 of them not shown" in shown.out
    assert "1 of them not shown" not in trained("model", "verify", "later").out
