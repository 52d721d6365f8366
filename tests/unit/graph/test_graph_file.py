"""The graph file: follows the log, survives damage and kills, and never blocks or lies."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from tests.unit.graph.book import Book

from diptych.provenance.graph import schema
from diptych.provenance.graph.catch_up import BATCH_RECORDS
from diptych.provenance.graph.graph import Graph
from diptych.provenance.graph.terms import FLOW
from diptych.provenance.log import Log


def names(graph: Graph, log: Log) -> list[str]:
    found = graph.nodes(range(log.size))
    return [found[index].name for index in sorted(found)]


def test_catches_up_by_what_is_new(study: Book) -> None:
    with Graph(study.graph_path) as graph:
        first = graph.catch_up(study.log)
        assert (first.size, first.added, first.rebuilt) == (study.log.size, study.log.size, False)
        assert graph.catch_up(study.log).added == 0
        study.add("later", "dataset", ("derivedFrom", "clean2"))
        assert graph.catch_up(study.log).added == 1
        assert names(graph, study.log)[-1] == "later"
    with Graph(study.graph_path) as again:
        assert again.catch_up(study.log).added == 0


def test_node_says_what_the_statement_says(study: Book) -> None:
    with study.graph() as graph:
        node = graph.nodes([study.index["model"]])[study.index["model"]]
    assert (node.kind, node.name, node.time_s) == ("model", "net@1", 1_800_000_000)
    assert node.record.hex() == study.id_of("model")
    assert node.signers[0].startswith("ed25519:")


def test_batches_join(book: Book) -> None:
    count = BATCH_RECORDS + 10
    with book.log.writer() as writer:
        writer.append([b"not a statement %d" % number for number in range(count)])
    book.add("end", "dataset")
    with book.graph() as graph:
        assert graph.catch_up(book.log).size == count + 2
        assert graph.nodes([5])[5].kind == ""
        assert graph.nodes([count + 1])[count + 1].name == "end"


@pytest.mark.parametrize(
    "content",
    [b"", b"garbage" * 999, b"SQLite format 3\0" + b"\0" * 4080, b"SQLite format 3\0garbage"],
)
def test_a_damaged_file_is_made_anew(study: Book, content: bytes) -> None:
    study.graph_path.write_bytes(content)
    with study.graph() as graph:
        assert names(graph, study.log)[1] == "raw"


def test_a_damaged_page_is_noticed_and_replaced(study: Book) -> None:
    study.graph().close()
    raw = bytearray(study.graph_path.read_bytes())
    for at in range(4096, len(raw)):
        raw[at] = 0xFF
    study.graph_path.write_bytes(raw)
    with Graph(study.graph_path) as graph:
        graph.catch_up(study.log)
        assert graph.ask(study.log, lambda one: names(one, study.log))[1] == "raw"


def test_a_foreign_table_leads_to_a_new_file(study: Book) -> None:
    study.graph().close()
    with closing(sqlite3.connect(study.graph_path)) as other:
        other.execute("CREATE TRIGGER t AFTER INSERT ON nodes BEGIN DELETE FROM edges; END")
    with study.graph() as graph:
        assert schema.fits(graph.connection)


def test_an_older_version_leads_to_a_new_file(study: Book) -> None:
    study.graph().close()
    with closing(sqlite3.connect(study.graph_path)) as other:
        other.execute("PRAGMA user_version=0")
    with study.graph() as graph:
        assert schema.fits(graph.connection)


def test_another_log_empties_it(study: Book, tmp_path: Path) -> None:
    study.graph().close()
    folder = tmp_path / "other"
    folder.mkdir()
    with closing(Book(folder)) as other:
        other.add("alone")
        with Graph(study.graph_path) as graph:
            assert graph.catch_up(other.log).rebuilt
            assert names(graph, other.log) == ["key", "alone"]


def test_a_rolled_back_log_empties_it(study: Book) -> None:
    study.graph().close()
    size = study.log.size
    with closing(sqlite3.connect(study.path)) as raw:
        raw.execute("DELETE FROM entries WHERE idx >= ?", (size - 2,))
        raw.commit()
    with Graph(study.graph_path) as graph:
        caught = graph.catch_up(study.log)
    assert (caught.size, caught.rebuilt) == (size - 2, True)


def test_rebuild_reads_everything_again(study: Book) -> None:
    study.graph().close()
    with closing(sqlite3.connect(study.graph_path)) as other:
        other.execute("DELETE FROM edges")
        other.commit()
    with Graph(study.graph_path) as graph:
        caught = graph.catch_up(study.log, rebuild=True)
        assert (caught.added, caught.rebuilt) == (study.log.size, True)
        assert list(graph.edges_from([2], FLOW, size=9, limit=9))


def test_a_reader_is_not_blocked_by_a_catch_up(study: Book) -> None:
    with study.graph() as reader, Graph(study.graph_path) as writer:
        writer.connection.execute("BEGIN IMMEDIATE")
        assert len(reader.nodes(range(99))) == study.log.size
        writer.connection.execute("ROLLBACK")


def test_two_catch_up_in_turn(study: Book) -> None:
    with Graph(study.graph_path) as one, Graph(study.graph_path) as two:
        one.catch_up(study.log)
        study.add("more")
        assert two.catch_up(study.log).added == 1
        assert one.catch_up(study.log).added == 0


def test_killed_in_a_catch_up_it_goes_on(study: Book) -> None:
    with study.log.writer() as writer:
        writer.append([b"entry %d" % number for number in range(3 * BATCH_RECORDS)])
    script = (
        "import os, sys\nfrom pathlib import Path\n"
        "from diptych.provenance.graph import catch_up as module\n"
        "from diptych.provenance.graph.graph import Graph\n"
        "from diptych.provenance.log import Log\n"
        "real = module._Batch.write\ncalls = []\n"
        "def write(self, envelopes):\n"
        "    real(self, envelopes)\n    calls.append(1)\n"
        "    if len(calls) == 2:\n        os.kill(os.getpid(), 9)\n"
        "module._Batch.write = write\n"
        "with Log.open(Path(sys.argv[1])) as log:\n    Graph(Path(sys.argv[2])).catch_up(log)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script, study.path, study.graph_path], check=False, timeout=60
    )
    assert ended.returncode == -9
    with Graph(study.graph_path) as graph:
        caught = graph.catch_up(study.log)
    assert (caught.size, caught.rebuilt) == (study.log.size, False)
    assert caught.added == study.log.size - BATCH_RECORDS


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_without_permission_it_works_in_memory(study: Book) -> None:
    folder = study.graph_path.parent
    folder.chmod(0o500)
    try:
        with study.graph() as graph:
            assert names(graph, study.log)[1] == "raw"
        assert not study.graph_path.exists()
    finally:
        folder.chmod(0o700)


def test_where_no_file_can_be_it_works_in_memory(study: Book) -> None:
    study.graph_path = study.graph_path.parent / "missing" / "graph.sqlite"
    with study.graph() as graph:
        assert names(graph, study.log)[1] == "raw"


def test_a_late_end_is_joined(book: Book, tmp_path: Path) -> None:
    """A record may be logged before the one that it names: another log gave it its id."""
    folder = tmp_path / "other"
    folder.mkdir()
    with closing(Book(folder)) as other:
        other.add("source")
        envelope = other.log.entry(1)
        book.add("derived", "dataset", ("derivedFrom", other.id_of("source")))
    with book.graph() as graph:
        (edge,) = graph.edges_from([1], FLOW, size=2, limit=9)
        assert edge.target is None
        assert edge.pointer is not None
        book.append("source", envelope)
        graph.catch_up(book.log)
        (edge,) = graph.edges_from([1], FLOW, size=3, limit=9)
        assert (edge.target, edge.pointer) == (2, None)
        (edge,) = graph.edges_from([1], FLOW, size=2, limit=9)
        assert edge.target is None
        assert edge.pointer is not None


def test_an_envelope_logged_twice_counts_once(book: Book) -> None:
    book.add("one")
    book.append("again", book.log.entry(1))
    book.add("derived", "dataset", ("derivedFrom", "one"))
    with book.graph() as graph:
        assert graph.first_index(2) == 1
        assert [edge.target for edge in graph.edges_from([3], FLOW, size=9, limit=9)] == [1]


@pytest.mark.parametrize(
    ("moment", "size", "ended_by"), [(99, 0, 0), (100, 1, 1), (150, 1, 1), (400, 4, None)]
)
def test_size_at_a_date(tmp_path: Path, moment: int, size: int, ended_by: int | None) -> None:
    """A record that claims an earlier time later on changes nothing."""
    from tests.unit.graph.book import OWN

    from diptych.provenance.graph.catch_up import catch_up
    from diptych.provenance.statement import Draft, Subject, sign_statements

    with closing(Book(tmp_path)) as book:
        drafts = [
            Draft("dataset", (Subject("x", {"sha256": "00"}),), time_s)
            for time_s in (100, 200, 50, 300)
        ]
        bad = [Draft("note", one.subjects, one.time_s) for one in drafts]
        envelopes = sign_statements(bad, OWN)

        class Four:
            origin, size = book.log.origin, 4

            def root(self, size: int) -> bytes:
                return bytes([size])

            def entries(self, start: int, stop: int) -> list[bytes]:
                return envelopes[start:stop]

        with Graph(book.graph_path) as graph:
            catch_up(graph.connection, Four())  # type: ignore[arg-type]
            found = graph.as_of(moment)
    assert (found.size, found.ended_by) == (size, ended_by)


def test_opening_does_not_wait_for_who_catches_up(study: Book) -> None:
    study.graph().close()
    with closing(sqlite3.connect(study.graph_path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")  # else it would wait 30 s, then go on without the file
        with Graph(study.graph_path) as graph:
            assert names(graph, study.log)[-1]
