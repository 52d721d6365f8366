"""`data add|show|history` and names: NAME, NAME@3, NAME:alias."""

from pathlib import Path

import pytest
from tests.unit.app.program import Program

import diptych
from diptych.app.verbs.names import AssetReference, require_name
from diptych.app.verbs.records import find_record
from diptych.app.verbs.seal import append
from diptych.app.workspace import Workspace
from diptych.core.errors import DiptychError
from diptych.provenance.statement import Draft, Edge, Subject


@pytest.fixture
def opened(book: Program, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    for name, value in book.environ.items():
        monkeypatch.setenv(name, value)
    return diptych.open(book.folder)


def found(workspace: Workspace, what: str, size: int | None = None) -> int:
    with workspace.read_log() as log:
        return find_record(workspace, log, what, size=size).index


def put(workspace: Workspace, label: str, kind: str, *edges: Edge, **fields: object) -> int:
    draft = Draft(kind, (Subject(label, {"sha256": "00"}),), 1.0, edges, fields)  # type: ignore[arg-type]
    with workspace.write_log() as log:
        return append(workspace, log, draft, label=label)


def test_versions_count_up_and_names_find_them(book: Program, opened: Workspace) -> None:
    first = book.ok("data", "add", "study/a.csv")
    assert (first["name"], first["version"], first["new"]) == ("a", 1, True)
    again = book.ok("data", "add", "study/a.csv")
    assert (again["version"], again["new"], again["record"]) == (1, False, first["record"])
    (book.folder / "study/a.csv").write_text("7,8\n")
    second = book.ok("data", "add", "study/a.csv", "--from", "0")
    assert (second["version"], second["new"]) == (2, True)
    assert found(opened, "a") == found(opened, "a@2") == found(opened, "data/a") == 2
    assert found(opened, "a@1") == found(opened, "data/a@1") == 1
    assert found(opened, "a@newest") == 2
    assert found(opened, "a", size=2) == 1
    assert found(opened, "study/a.csv", size=2) == 1
    shown = book.ok("log", "2")
    relations = [edge["rel"] for edge in shown["edges"]]
    assert relations == ["derivedFrom", "supersedes"]
    assert book.refused("log", "a@3", code=2)["code"] == "Record.Missing"


def test_the_record_says_its_name(opened: Workspace) -> None:
    opened.data.add("study", name="trial/visits", attributed=["Hospital A:collector:0.5"])
    with opened.read_log() as log:
        statement = find_record(opened, log, "trial/visits").statement
    assert statement.predicate["asset"] == {"name": "trial/visits", "version": 1}
    (edge,) = statement.edges
    assert dict(edge.extra) == {"agent": "Hospital A", "role": "collector", "share": "0.5"}


def test_two_names_of_one_path_follow_each_other(book: Program, opened: Workspace) -> None:
    opened.data.add("study", name="one")
    assert opened.data.add("study", name="two").version == 1
    assert book.refused("log", "nonsense", code=2)["code"] == "Record.Missing"
    assert [record.name for record in opened.records(limit=2)] == ["study", "study"]


def test_private_data_needs_a_name_and_does_not_say_it(book: Program, opened: Workspace) -> None:
    refused = book.refused("data", "add", "study/a.csv", "--private", code=2)
    assert refused["code"] == "Data.NeedsName"
    added = book.ok("data", "add", "study/a.csv", "--private", "--name", "visits")
    assert (added["files"], added["version"]) == (None, 1)
    with opened.read_log() as log:
        record = find_record(opened, log, "visits@1")
        raw = record.envelope
    assert b"visits" not in raw
    assert "asset" not in record.statement.predicate
    assert book.ok("data", "show", "visits")["files"] == [["a.csv", 4]]


@pytest.mark.parametrize(
    "name",
    [
        *("12", "a@1", "a:b", "data/x", "model/x", "", "a b", "../x", "/x", "x/", "é"),
        *("a" * 200, "f" * 64, "-x"),
    ],
)
def test_names_that_could_mean_something_else(book: Program, name: str) -> None:
    ran = book("data", "add", "study", f"--name={name}", "--json")
    assert ran.code == 2
    if name:
        assert ran.error["code"] == "Name.Bad"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--from", "nothing"), "Record.Missing"),
        (("--licence", "0"), "Data.NoLicence"),
        (("--contributor", "nobody"), "Data.BadAttribution"),
        (("--attributed", "A:b:1.5"), "Data.BadAttribution"),
        (("--attributed", "A:b:-1"), "Data.BadAttribution"),
        (("--attributed", "A:b:nan"), "Data.BadAttribution"),
        (("--attributed", "A:b:0.5:x"), "Data.BadAttribution"),
    ],
)
def test_what_cannot_be_added(book: Program, options: tuple[str, ...], code: str) -> None:
    assert book.refused("data", "add", "study", *options, code=2)["code"] == code
    assert book.refused("data", "add", "nosuch", code=2)["code"] == "Seal.NoSuchPath"
    assert len(book.ok("log")["records"]) == 1


def test_a_licence_can_be_named(book: Program, opened: Workspace) -> None:
    added = opened.data.add("study", licence="MIT")
    shown = opened.data.show(added.reference)
    assert [(edge.relation, edge.index) for edge in shown.edges] == [("licensedUnder", 1)]


def test_a_path_and_a_name_that_differ_are_ambiguous(book: Program, opened: Workspace) -> None:
    opened.seal("study")
    opened.data.add("study/a.csv", name="study")
    assert book.refused("log", "study", code=2)["code"] == "Name.Ambiguous"
    assert (found(opened, "./study"), found(opened, "study@newest")) == (1, 2)


def test_data_and_model_of_one_name_are_ambiguous(book: Program, opened: Workspace) -> None:
    opened.data.add("study", name="x")
    put(opened, "model/x@1", "note")
    assert book.refused("log", "x", code=2)["code"] == "Name.Ambiguous"
    assert (found(opened, "data/x"), found(opened, "model/x@1")) == (1, 2)


def test_aliases_lead_to_the_model_of_then(opened: Workspace) -> None:
    one, two = put(opened, "model/m@1", "note"), put(opened, "model/m@2", "note")
    with opened.read_log() as log:
        ids = [find_record(opened, log, str(index)).record for index in (one, two)]
    alias = {"model": "m", "name": "prod"}
    first = put(opened, "alias/m:prod", "alias", Edge("used", ids[0]), alias=alias)
    with opened.read_log() as log:
        before = Edge("supersedes", find_record(opened, log, str(first)).record)
    second = put(opened, "alias/m:prod", "alias", Edge("used", ids[1]), before, alias=alias)
    assert found(opened, "m:prod") == found(opened, "model/m:prod") == two
    assert found(opened, "m:prod", size=second) == one
    put(opened, "alias/m:test", "alias", Edge("used", ids[0]), alias={**alias, "model": "other"})
    with pytest.raises(DiptychError, match="no alias of that name"):
        found(opened, "m:test")


def test_a_label_that_was_moved_is_found_out(book: Program, opened: Workspace) -> None:
    import sqlite3
    from contextlib import closing

    opened.data.add("study", name="one")
    opened.data.add("study/a.csv", name="two")
    with closing(sqlite3.connect(opened.place.log)) as raw:
        raw.execute("UPDATE labels SET idx=2 WHERE name='data/one@1'")
        raw.commit()
    assert book.refused("data", "show", "one", code=1)["code"] == "Name.Mislabelled"


def test_show_and_history(book: Program, opened: Workspace) -> None:
    opened.data.add("study", name="s")
    (book.folder / "study/a.csv").write_text("7,8\n")
    (book.folder / "study/c.csv").write_text("9\n")
    opened.data.add("study", name="s")
    shown = book.ok("data", "show", "s@1")
    assert (shown["state"], shown["newest"], shown["anchored"]) == ("verified", 2, False)
    assert shown["used"] == {"supersedes": 1}
    assert shown["files"] == [["a.csv", 4], ["b.csv", 4]]
    versions = book.ok("data", "history", "s")["versions"]
    assert [(one["version"], one["change"]) for one in versions] == [
        (2, "1 added, 1 changed"),
        (1, "first version"),
    ]
    assert len(book.ok("data", "history", "s", "-n", "1")["versions"]) == 1
    assert "1 added, 1 changed" in book("data", "history", "s").out
    assert "verified: signature" in book("data", "show", "s").out
    assert book.refused("data", "history", "nothing", code=2)["code"] == "Record.Missing"
    assert book.refused("data", "history", "s@1", code=2)["code"] == "Data.NotAName"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", AssetReference("", "a", 0, "")),
        ("model/a/b@7", AssetReference("model", "a/b", 7, "")),
        ("a:prod", AssetReference("", "a", 0, "prod")),
        ("a@newest", AssetReference("", "a", 0, "")),
    ],
)
def test_references(text: str, expected: AssetReference) -> None:
    assert AssetReference.parse(text) == expected


@pytest.mark.parametrize("text", ["a@0", "a@1:b", "12", "0" * 64, "./a", "a@", "a\n", "../a"])
def test_what_is_no_reference(text: str) -> None:
    assert AssetReference.parse(text) is None
    require_name("a/b.c-d_e+f")


def test_many_versions_are_found_quickly(book: Program, opened: Workspace) -> None:
    path: Path = book.folder / "n.txt"
    for number in range(1, 6):
        path.write_text(str(number))
        assert opened.data.add("n.txt").version == number
    assert found(opened, "n@4") == 4
