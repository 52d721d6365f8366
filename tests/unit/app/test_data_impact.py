"""`data impact`: which models ever saw this file, version or person?"""

from collections.abc import Mapping

import pytest
from tests.unit.app.program import Program

import diptych
from diptych.app.verbs.records import find_record
from diptych.app.verbs.seal import append
from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue
from diptych.provenance.statement import Draft, Edge, Subject


@pytest.fixture
def opened(book: Program, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    for name, value in book.environ.items():
        monkeypatch.setenv(name, value)
    return diptych.open(book.folder)


def model(workspace: Workspace, name: str, **ends: str) -> int:
    """Log a model whose edges are given as relation=reference."""
    fields: Mapping[str, JsonValue] = {
        "model": {"name": name, "version": 1, "format": "onnx", "card": "00" * 32}
    }
    with workspace.write_log() as log:
        edges = tuple(
            Edge(relation, find_record(workspace, log, what).record)
            for relation, what in ends.items()
        )
        draft = Draft("model", (Subject(name, {"sha256": "00"}),), 1.0, edges, fields)
        return append(workspace, log, draft, label=f"model/{name}@1")


def models(found: Mapping[str, object]) -> list[tuple[str, bool]]:
    rows = found["models"]
    assert isinstance(rows, list)
    return [(one["name"], one["tested_only"]) for one in rows]


@pytest.fixture
def traced(book: Program, opened: Workspace) -> Program:
    """Two versions of a study, cleaned data of the first, and models of both."""
    opened.data.add("study", name="study1", store=True)
    (book.folder / "clean.csv").write_text("x\n1\n")
    opened.data.add("clean.csv", derived_from=["study1@1"])
    model(opened, "early", trainedOn="clean@1")
    (book.folder / "study/a.csv").write_text("7,8\n")
    opened.data.add("study", name="study1", store=True)
    model(opened, "late", trainedOn="study1@2")
    model(opened, "tuned", fineTunedFrom="early@1", testedOn="study1@2")
    return book


def test_a_file_over_all_versions(traced: Program) -> None:
    found = traced.ok("data", "impact", "study/b.csv")
    assert [one["name"] for one in found["found"]] == ["study1@1", "study1@2"]
    assert models(found) == [("late@1", False), ("early@1", False), ("tuned@1", False)]
    assert found["others"] == {"dataset": 1}
    assert "late@1" in traced("data", "impact", "study/b.csv").out


def test_a_file_as_it_is_now_and_as_it_was(traced: Program) -> None:
    now = traced.ok("data", "impact", "study/a.csv")
    assert models(now) == [("late@1", False), ("tuned@1", True)]
    then = traced.ok("data", "impact", "a.csv", "--in", "study1@1")
    assert models(then) == [("early@1", False), ("tuned@1", False)]
    assert then["models"][0]["via"] == [1, 2, 3]
    (traced.folder / "study/a.csv").write_text("never sealed\n")
    refused = traced.refused("data", "impact", "study/a.csv", code=2)
    assert refused["code"] == "Impact.NotSealed"


@pytest.mark.parametrize("what", ["study1@1", "1"])
def test_a_version(traced: Program, what: str) -> None:
    assert models(traced.ok("data", "impact", what)) == [("early@1", False), ("tuned@1", False)]


def test_a_digest(traced: Program) -> None:
    from hashlib import sha256

    digest = sha256(b"3,4\n").hexdigest()
    assert len(models(traced.ok("data", "impact", digest))) == 3
    assert traced.refused("data", "impact", "0" * 64, code=2)["code"] == "Impact.NotSealed"
    assert traced.refused("data", "impact", "nosuch", code=2)["code"] == "Record.Missing"
    missing = traced.refused("data", "impact", "nosuch", "--in", "study1@1", code=2)
    assert missing["code"] == "Impact.NotSealed"


def test_a_private_file(book: Program, opened: Workspace) -> None:
    opened.data.add("study", name="hidden", private=True)
    model(opened, "m", trainedOn="hidden@1")
    found = book.ok("data", "impact", "study/a.csv")
    assert models(found) == [("m@1", False)]


def test_a_subject_of_public_tables(book: Program, opened: Workspace) -> None:
    (book.folder / "t.csv").write_text("id,age\nP-1,40\nP-2,41\n")
    opened.data.add("t.csv", store=True)
    model(opened, "m", trainedOn="t@1")
    (book.folder / "t.csv").write_text("id,age\nP-2,41\n")
    opened.data.add("t.csv", store=True)
    model(opened, "n", trainedOn="t@2")
    assert models(book.ok("data", "impact", "P-1", "--subject")) == [("m@1", False)]
    both = book.ok("data", "impact", "P-2", "--subject", "--column", "id")
    assert sorted(models(both)) == [("m@1", False), ("n@1", False)]
    assert models(book.ok("data", "impact", "41", "--subject", "--column", "id")) == []
    ran = book("data", "impact", "-", "--subject", "--json", stdin=b"P-1\n")
    assert '"m@1"' in ran.out
    assert book("data", "impact", "-", "--subject", stdin=b"\xff").code == 2


def test_a_subject_of_private_tables(book: Program, opened: Workspace) -> None:
    """Found by key; after its erasure nobody can tell any more."""
    (book.folder / "t.csv").write_text("id,age\nP-1,40\nP-2,41\n")
    book.ok("data", "add-table", "t.csv", "--subject", "id", "--name", "t")
    (book.folder / "t.csv").unlink()
    model(opened, "m", trainedOn="t@1")
    assert models(book.ok("data", "impact", "P-1", "--subject")) == [("m@1", False)]
    assert book.ok("data", "impact", "P-3", "--subject")["skipped"] == []
    book("data", "erase", "t", "--subject", "P-1")
    after = book.ok("data", "impact", "P-1", "--subject")
    assert (after["found"], len(after["skipped"])) == ([], 1)
    assert "cannot be told" in after["skipped"][0]
    assert models(book.ok("data", "impact", "P-2", "--subject")) == [("m@1", False)]
    (node,) = [one for one in book.ok("data", "lineage", "t")["nodes"] if one["kind"] == "private"]
    assert node["state"] == "verified"
    assert node["erased_leaves"] > 0


def test_what_could_not_be_read_is_said(book: Program, opened: Workspace) -> None:
    (book.folder / "t.csv").write_text("id\nP-1\n")
    opened.data.add("t.csv")
    (book.folder / "t.csv").unlink()
    found = book.ok("data", "impact", "P-1", "--subject")
    assert found["found"] == []
    assert "not kept here" in found["skipped"][0]
    assert "not looked into" in book("data", "impact", "P-1", "--subject").err
    import shutil

    shutil.rmtree(opened.place.objects)
    assert "manifests are not kept here" in str(book.refused("data", "impact", "0" * 64, code=2))


def test_no_model_saw_it(book: Program, opened: Workspace) -> None:
    opened.data.add("study")
    assert "no model saw it" in book("data", "impact", "study/a.csv").out
