"""`@book.activity`: which arguments are inputs and outputs, and what else is recorded."""

from pathlib import Path

import pytest
from tests.unit.run.conftest import Project

from diptych.app.verbs.run import BadRun
from diptych.app.verbs.runs import find_run, list_runs


def test_parameters_called_src_and_dst_are_found(project: Project) -> None:
    book = project.open()

    @book.activity("deidentify")
    def clean(src: str, dst: str, *, drop: int = 1, seed: int = 3) -> int:
        """Drop rows."""
        rows = Path(src).read_text().splitlines()[drop:]
        Path(dst).write_text("\n".join(rows))
        return len(rows)

    assert clean("data.csv", dst="clean.csv") == 2
    assert clean.__doc__ == "Drop rows."
    document = find_run(book, "clean.csv").document
    assert (document.activity, document.seed) == ("deidentify", 3)
    assert [one.reference for one in document.inputs] == ["data.csv"]
    assert [one.name for one in document.outputs] == ["clean.csv"]
    assert dict(document.params) == {"drop": 1, "seed": 3}


def test_named_parameters_may_be_lists(project: Project) -> None:
    book = project.open()
    project.write("more.csv", "5,6\n")

    @book.activity("join", uses=("tables",), produces=("out", "log"))
    def join(tables: list[str], out: str, log: str | None = None) -> None:
        Path(out).write_text("".join(Path(one).read_text() for one in tables))

    join(["data.csv", "more.csv"], "all.csv")
    document = find_run(book, "all.csv").document
    assert [one.reference for one in document.inputs] == ["data.csv", "more.csv"]
    assert len(document.outputs) == 1


def test_parameter_that_does_not_exist_is_refused_when_decorating(project: Project) -> None:
    book = project.open()
    with pytest.raises(BadRun, match="nowhere"):

        @book.activity("x", uses=("nowhere",))
        def nothing() -> None: ...


def test_failing_call_is_recorded_as_failed(project: Project) -> None:
    book = project.open()

    @book.activity("deidentify")
    def clean(src: str, dst: str) -> None:
        raise RuntimeError("row 7")

    with pytest.raises(RuntimeError):
        clean("data.csv", "clean.csv")
    (run,) = list_runs(book)
    assert (run.document.status, run.document.error) == ("failed", {"type": "RuntimeError"})


def test_private_parameters_are_sealed_privately(project: Project) -> None:
    book = project.open()

    @book.activity("deidentify", private=("src",))
    def clean(src: str, dst: str) -> None:
        Path(dst).write_text("ok")

    clean("data.csv", "clean.csv")
    document = find_run(book, "clean.csv").document
    assert [one.reference for one in document.inputs] == ["private"]
