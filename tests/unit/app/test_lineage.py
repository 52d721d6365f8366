"""`data lineage` and `model lineage`: dates, sizes, pictures, files, and a workspace that lies."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.unit.app.program import Program
from tests.unit.app.test_read_only import _permit as freeze
from tests.unit.app.test_read_only import run

from diptych.app.verbs.lineage import BadMoment, parse_moment
from diptych.app.workspace import Workspace
from diptych.provenance.graph import Direction, WalkOptions
from diptych.provenance.graph.states import State

DAY_S = 86_400


@pytest.fixture
def opened(book: Program, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A day apart: raw data, clean data, new clean data."""
    for name, value in book.environ.items():
        monkeypatch.setenv(name, value)
    made = Workspace.open(book.folder)
    now = [1_900_000_000.0]
    made.clock = lambda: now[0]
    for name, source in (("raw", ()), ("clean", ("raw",)), ("clean", ("raw",))):
        (book.folder / f"{name}.csv").write_text(f"{now[0]}\n")
        made.data.add(f"{name}.csv", derived_from=source)
        now[0] += DAY_S
    return made


def test_of_the_newest_and_as_of_a_date(book: Program, opened: Workspace) -> None:
    now = opened.lineage("clean")
    assert [node.name for node in now.nodes] == ["clean@2", "raw@1"]
    assert now.count(State.VERIFIED) == 2
    then = opened.lineage("clean", as_of="2030-03-18T20:00:00Z")
    assert [node.name for node in then.nodes] == ["clean@1", "raw@1"]
    assert "record 3 claims a later one" in then.notes[0]
    assert [node.name for node in opened.lineage("clean", as_of="3").nodes] == ["clean@1", "raw@1"]
    shown = book("data", "lineage", "clean", "--as-of", "2030-03-18T20:00:00Z")
    assert "clean@1" in shown.out
    assert "as of 2030-03-18" in shown.err


@pytest.mark.parametrize(
    "as_of", ["99", "0", "2001-01-01", "yesterday", "2030-02-31", "2030-01-01T00:00:00"]
)
def test_moments_that_are_none(book: Program, opened: Workspace, as_of: str) -> None:
    refused = book.refused("data", "lineage", "clean", "--as-of", as_of, code=2)
    assert refused["code"] == "Lineage.BadMoment"


def test_what_was_not_there_then(book: Program, opened: Workspace) -> None:
    refused = book.refused("data", "lineage", "clean", "--as-of", "2", code=2)
    assert refused["code"] == "Record.Missing"


def test_down_and_depth(book: Program, opened: Workspace) -> None:
    down = book.ok("data", "lineage", "raw", "--direction", "down")
    assert [node["hops"] for node in down["nodes"]] == [0, -1, -1]
    none = book.ok("model", "lineage", "raw", "--direction", "both", "--depth", "0")
    assert len(none["nodes"]) == 1
    options = WalkOptions(Direction.DOWN, limit=2)
    cut = opened.lineage("raw", options=options)
    assert cut.truncated
    assert "cut off" in cut.notes[0]


@pytest.mark.parametrize(
    ("form", "begins"), [("svg", "<svg"), ("html", "<!doctype"), ("prov", "{")]
)
def test_pictures_and_files(book: Program, opened: Workspace, form: str, begins: str) -> None:
    assert book("data", "lineage", "clean", "--format", form).out.startswith(begins)
    book.ok("data", "lineage", "clean", "--format", form, "-o", f"x.{form}")
    text = (book.folder / f"x.{form}").read_text()
    assert text.startswith(begins)
    assert "clean@2" in text
    if form == "prov":
        assert json.loads(text)["entity"]


def test_a_policy_of_strangers_makes_it_self_asserted(book: Program, opened: Workspace) -> None:
    (book.folder / "p.toml").write_text('format = "diptych-policy/1"\n')
    found = book.ok("data", "lineage", "clean", "--policy", "p.toml")
    assert {node["state"] for node in found["nodes"]} == {"self-asserted"}


def test_a_graph_file_that_lies_is_made_anew(book: Program, opened: Workspace) -> None:
    opened.lineage("clean")
    with closing(sqlite3.connect(opened.place.graph)) as graph:
        graph.execute("DELETE FROM edges")
        graph.commit()
    assert len(opened.lineage("clean").nodes) == 2
    opened.place.graph.write_bytes(b"not a database at all" * 500)
    assert len(opened.lineage("clean").nodes) == 2


def test_rebuild_finds_what_was_hidden_downwards(book: Program, opened: Workspace) -> None:
    opened.lineage("clean")
    with closing(sqlite3.connect(opened.place.graph)) as graph:
        graph.execute("DELETE FROM edges")
        graph.commit()
    hidden = book.ok("data", "lineage", "raw", "--direction", "down")
    assert len(hidden["nodes"]) == 1
    found = book.ok("data", "lineage", "raw", "--direction", "down", "--rebuild")
    assert len(found["nodes"]) == 3


def test_an_edited_log_is_refused(book: Program, opened: Workspace) -> None:
    opened.lineage("clean")
    with closing(sqlite3.connect(opened.place.log)) as log:
        log.execute(
            "UPDATE entries SET envelope=(SELECT envelope FROM entries WHERE idx=2) WHERE idx=3"
        )
        log.commit()
    assert book("data", "lineage", "clean@1").code == 1


def test_backups_leave_it_out(book: Program, opened: Workspace, tmp_path: Path) -> None:
    import tarfile

    opened.lineage("clean")
    opened.place.graph.write_bytes(b"damaged")
    book.ok("backup", str(tmp_path / "b.tar"))
    with tarfile.open(tmp_path / "b.tar") as archive:
        assert not [name for name in archive.getnames() if "graph" in name]


@pytest.mark.parametrize("indexed", ["never", "before", "behind"])
def test_a_workspace_that_may_not_be_written(
    book: Program, opened: Workspace, indexed: str
) -> None:
    """The graph of before is of no use there; a copy in memory answers."""
    if indexed != "never":
        opened.lineage("clean")
    if indexed == "behind":
        (book.folder / "raw.csv").write_text("new\n")
        opened.data.add("raw.csv")
    freeze(book, writing=False)
    try:
        ran = run(book, "data", "lineage", "clean")
    finally:
        freeze(book, writing=True)
    assert ran.code == 0, ran
    assert [node["name"] for node in json.loads(ran.out)["nodes"]] == ["clean@2", "raw@1"]
    assert not (opened.place.home / "graph.sqlite.lock").exists()


@pytest.mark.parametrize(
    ("text", "seconds"), [("1970-01-02", 172_799), ("1970-01-01T01:00:00+01:00", 0)]
)
def test_parse_moment(text: str, seconds: int) -> None:
    assert parse_moment(text) == seconds


@pytest.mark.parametrize("text", ["", "12", "1970-13-01", "9999-99-99", "1970-01-01T00:00:00"])
def test_parse_moment_refuses(text: str) -> None:
    with pytest.raises(BadMoment):
        parse_moment(text)
