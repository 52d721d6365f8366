"""`diptych model` and `diptych data screen` as a person types them."""

import json

import pytest
from tests.model_attacks.files import folder_model, small_onnx
from tests.unit.app.program import Program


@pytest.fixture
def models(book: Program) -> Program:
    """A workspace with two versions, the second in production."""
    folder_model(book.folder / "model", seed=1)
    (book.folder / "card.json").write_text(json.dumps({"summary": "finds", "limits": ["few"]}))
    book.ok("model", "publish", "model", "m", "--card", "card.json", "--contributor", "Ada:x:0.5")
    (book.folder / "model/labels.txt").write_text("other\n")
    book.ok("model", "publish", "model", "m", "--card", "card.json", "--licence", "MIT")
    book.ok("model", "alias", "m", "production")
    return book


def test_versions_aliases_and_verdicts_are_shown(models: Program) -> None:
    models.ok("model", "approve", "m@2", "--role", "medical")
    rows = models.ok("model", "list")["models"]
    assert [(row["version"], row["aliases"]) for row in rows] == [(2, ["production"]), (1, [])]
    shown = models.ok("model", "show", "m:production", "--tensors")
    assert shown["approvals"] == {"medical": "approved"}
    assert shown["card"]["summary"] == "finds"
    assert len(shown["tensor_list"]) == 2
    text = models("model", "show", "m", "--card", "card.md").out
    assert "# m, version 2" in text
    assert (models.folder / "card.md").read_text().startswith("# m, version 2")


def test_use_answers_and_leaves_a_record(models: Program) -> None:
    (models.folder / "rows.csv").write_text("a,b,c,d\n1,2,3,4\n5,6,7,8\n")
    used = models.ok("model", "use", "m:production", "rows.csv")
    assert (used["version"], used["rows"], len(used["outputs"]["Y"])) == (2, 2, 2)
    (models.folder / "rows.json").write_text(json.dumps({"X": [[1, 2, 3, 4], [5, 6, 7, 8]]}))
    assert models.ok("model", "use", "m", "rows.json")["outputs"] == used["outputs"]
    (models.folder / "row.csv").write_text("a,b,c,d\n1,2,3,4\n")
    assert models("model", "use", "m", "row.csv").out.startswith("m@2, 1 row\n")
    models.ok("model", "use", "m", "rows.json", "-o", "answers.json")
    assert json.loads((models.folder / "answers.json").read_text())["rows"] == 2
    assert models.ok("model", "usage", "log")["count"] == 4
    (models.folder / "bad.csv").write_text("a,b\n1\n")
    assert models.refused("model", "use", "m", "bad.csv", code=2)["code"] == "Model.BadInputFile"
    (models.folder / "wide.csv").write_text("a,b\n1,2\n")
    assert models.refused("model", "use", "m", "wide.csv", code=2)["code"] == "Model.BadInput"


def test_history_has_one_answer(models: Program) -> None:
    moves = models.ok("model", "history", "m")["moves"]
    assert [move["version"] for move in moves] == [2]
    assert models.ok("model", "history", "m", "--at", "2000-01-01")["move"] is None
    assert models.ok("model", "history", "m", "--at", "2100-01-01")["move"]["version"] == 2
    models.ok("model", "alias", "m", "production", "--end")
    assert models.refused("model", "verify", "m:production", code=2)["code"] == "Model.Missing"


def test_verify_says_why_and_refuses_what_was_swapped(models: Program) -> None:
    answers = models.ok("model", "verify", "m", "model")["answers"]
    assert answers[0]["status"] == "proven"
    (models.folder / "model/model.onnx").write_bytes(small_onnx(9))
    error = models.refused("model", "verify", "m", "model", code=1)
    assert error["code"] == "Verify.DigestMismatch"
    assert error["details"]["changed"] == ["model.onnx"]
    models.ok("model", "verify", "m")
    assert "revokes m@2: wrong" in models("model", "revoke", "m", "--reason", "wrong labels").out
    assert models.refused("model", "verify", "m", code=1)["code"] == "Model.Revoked"
    assert "wrong labels" in models("model", "list").out


def test_export_import_and_compare(models: Program) -> None:
    models.ok("model", "export", "m", "-o", "out")
    models.ok("model", "export", "m", "--tensor", "W", "-o", "layer")
    shown = models("verify", "layer/bundle.diptych.json", "layer/values.bin")
    assert "tensor 'W'" in shown.out
    assert models.refused("model", "import", "out", code=2)["code"] == "Model.NeedsPolicy"
    models.ok("export", "policy", "policy.toml")
    done = models.ok("model", "import", "out", "--policy", "policy.toml", "--name", "theirs")
    assert done["name"] == "theirs"
    found = models.ok("model", "compare", "theirs")["compared"]
    assert {row["verdict"] for row in found} == {"copy"}


def test_refusals_of_publish(models: Program) -> None:
    error = models.refused("model", "publish", "model", "../m", code=2)
    assert (error["code"], error["hint"][:17]) == ("Name.Bad", "give another name")
    (models.folder / "m.pkl").write_bytes(b"\x80\x04N.")
    error = models.refused("model", "publish", "m.pkl", "p", code=1)
    assert error["code"] == "Model.UnsafeFormat"
    assert "skops" in error["hint"]
    again = models.ok("model", "publish", "model", "m", "--card", "card.json", "--licence", "MIT")
    assert again["new"] is False
    error = models.refused("model", "publish", "model", "m", "--licence", "GPL-9", code=2)
    assert error["code"] == "Record.Missing"
    assert "Apache-2.0" in error["message"]
    error = models.refused("model", "publish", "model", "m", "--contributor", "Ada", code=2)
    assert error["code"] == "Model.BadContributors"


def test_screen_exits_with_1_where_a_column_is_personal(book: Program) -> None:
    (book.folder / "p.csv").write_text("email\na@example.org\nb@example.org\n")
    ran = book("data", "screen", "p.csv", "--json")
    assert ran.code == 1
    assert json.loads(ran.out)["columns"][0]["kind"] == "e-mail"
    (book.folder / "n.csv").write_text("dose\n1.5\n2.5\n3.5\n")
    assert book("data", "screen", "n.csv").code == 0
    assert book.ok("model", "zoo")["models"][0]["new"] is False
