"""`book.run`: what enters the log, in which order, and what never does."""

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.unit.run.conftest import Project

from diptych.app.verbs.records import Record, find_record
from diptych.app.verbs.run import BadRun, RunNotOpen
from diptych.app.verbs.run_inputs import NoPathKnown
from diptych.app.verbs.run_outputs import NoOutput, run_draft
from diptych.app.verbs.runs import NoRun, find_run, list_runs, outputs_of
from diptych.app.verbs.signing import current_signer
from diptych.app.workspace import Workspace
from diptych.core.errors import DiptychError, MalformedError
from diptych.provenance.activity.values import ParamsTooLarge
from diptych.provenance.statement import sign_statements


def _edges(record: Record) -> list[tuple[str, str]]:
    return [(e.relation, e.record.hex() if e.record else "") for e in record.statement.edges]


def _log(book: Workspace) -> list[Record]:
    return list(reversed(book.records(limit=100)))


def test_run_and_outputs_are_one_append_that_points_back(project: Project) -> None:
    book = project.open()
    with book.run("train", params={"depth": 3}, seed=7) as run:
        data = run.use("data.csv")
        model = run.produce("model/")
        (model / "weights.txt").write_text(Path(data).read_text())
        run.note(auc=0.91)
    records = _log(book)[-3:]
    assert [one.statement.kind for one in records] == ["dataset", "run", "dataset"]
    used, ran, made = records
    assert _edges(ran) == [("used", used.record)]
    assert _edges(made) == [("generated", ran.record), ("derivedFrom", used.record)]
    assert (run.record, data.record, model.record) == (ran.record, used.record, made.record)
    assert ran.statement.predicate["run"]["activity"] == "train"  # type: ignore[index,call-overload]
    assert len(ran.envelope) < 1_400
    with book.read_log() as log:
        assert [one.index for one in outputs_of(log, ran)] == [made.index]
        assert find_record(book, log, "model").record == made.record
    assert book.verify("model").answer("untampered").status == "proven"
    assert not list(book.place.runs.iterdir())


def test_document_holds_the_circumstances(project: Project) -> None:
    project.git("init", "-q")
    project.git("add", "data.csv")
    project.git("commit", "-qm", "x")
    book = project.open()
    with book.run("train", params={"depth": 3}, seed=7) as run:
        run.note(auc=0.91)
        run.note(auc=0.92, rows=2)
    document = find_run(book, run.record).document
    assert (document.status, document.seed, dict(document.params)) == ("completed", 7, {"depth": 3})
    assert dict(document.notes) == {"auc": 0.92, "rows": 2}
    assert document.duration_s is not None
    capture = document.capture
    assert capture is not None
    assert len(capture.code.commit) == 40
    assert capture.code.diff == ""
    assert dict(capture.environment.distributions)["diptych"]
    assert capture.environment.python == ".".join(map(str, sys.version_info[:3]))
    assert capture.hardware.cores > 0


def test_uncommitted_change_shows_as_another_digest(project: Project) -> None:
    project.git("init", "-q")
    project.git("add", "data.csv")
    project.git("commit", "-qm", "x")
    diffs = []
    for text in ("x,y\n1,2\n3,4\n", "x,y\n9,9\n", "x,y\n8,8\n"):
        project.write("data.csv", text)
        with project.open().run("train") as run:
            pass
        capture = find_run(project.open(), run.record).document.capture
        assert capture is not None
        diffs.append(capture.code.diff)
    assert diffs[0] == ""
    assert len(set(diffs)) == 3


def test_unchanged_input_is_not_sealed_again_and_a_changed_one_is(project: Project) -> None:
    book = project.open()
    found = []
    for text in ("a\n", "a\n", "b\n"):
        project.write("data.csv", text)
        with book.run("train") as run:
            found.append(run.use("data.csv").record)
    assert found[0] == found[1] != found[2]


def test_failure_is_recorded_with_its_class_and_without_its_message(project: Project) -> None:
    book = project.open()
    run = book.run("train")

    def train() -> None:
        with run:
            run.use("data.csv")
            run.produce("model/")
            raise ValueError("no row for Ada Lovelace")

    with pytest.raises(ValueError, match="Ada Lovelace"):
        train()
    document = find_run(book, run.record).document
    assert document.status == "failed"
    assert document.error == {"type": "ValueError"}
    assert [one.reference for one in document.inputs] == ["data.csv"]
    assert document.outputs == ()
    assert b"Lovelace" not in _everything(book)


def test_message_is_kept_when_that_is_allowed(project: Project) -> None:
    book = project.open()
    with pytest.raises(DiptychError), book.run("train", keep_message=True) as run:
        raise DiptychError("no disk", hint="buy one")
    error = find_run(book, run.record).document.error
    assert error == {"type": "diptych_verify.errors.DiptychError", "message": "no disk"}


@pytest.mark.parametrize(
    ("error", "status"),
    [(SystemExit(0), "completed"), (SystemExit(2), "failed"), (KeyboardInterrupt(), "interrupted")],
)
def test_ends_that_are_no_errors(project: Project, error: BaseException, status: str) -> None:
    book = project.open()
    with pytest.raises(type(error)), book.run("train") as run:
        raise error
    assert find_run(book, run.record).document.status == status


def test_missing_output_fails_the_run_and_is_recorded(project: Project) -> None:
    book = project.open()
    with pytest.raises(NoOutput), book.run("train") as run:
        run.produce("never.bin")
    assert find_run(book, run.record).document.status == "failed"


SECRETS = {
    "password": "hunter2hunter2",
    "url": "postgres://ada:hunter2hunter2@db/x?token=hunter2hunter2",
    "nested": {"hf_token": "hunter2hunter2", "list": ["ghp_" + "a" * 36]},
    "copied": "Bearer from-the-environment",
}


def test_secrets_reach_no_file(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "from-the-environment")
    monkeypatch.setattr(sys, "argv", ["train.py", "--api-key", "hunter2hunter2"])
    book = project.open()
    with book.run("train", params=SECRETS) as run:
        run.note(token="hunter2hunter2", fine="yes")
    kept = _everything(book)
    for secret in (b"hunter2", b"from-the-environment", b"ghp_aaa", b"some_api_key"):
        assert secret not in kept.lower()
    assert find_run(book, run.record).document.notes["fine"] == "yes"


def _everything(book: Workspace) -> bytes:
    paths = [p for p in book.place.home.rglob("*") if p.is_file() and "keys" not in p.parts]
    return b"".join(path.read_bytes() for path in paths)


def test_private_input_and_output_show_neither_name_nor_digest(project: Project) -> None:
    project.write("patients/ada.csv", "123456789\n")
    book = project.open()
    with book.run("deidentify") as run:
        source = run.use("patients", private=True)
        target = run.produce("cleaned/", private=True)
        (target / "row.csv").write_text("1\n")
    ran = find_run(book, run.record)
    assert ran.document.inputs[0].reference == "private"
    assert ran.document.outputs[0].name == "private"
    assert b"patients" not in _everything(book)
    assert source.kind == "private"
    with book.read_log() as log:
        kinds = [one.statement.kind for one in outputs_of(log, ran.record)]
    assert kinds == ["private"]


def test_path_known_as_private_is_never_sealed_publicly(project: Project) -> None:
    project.write("patients/ada.csv", "123456789\n")
    book = project.open()
    first = book.seal("patients", private=True)
    with book.run("train") as run:
        assert run.use("patients").record == first.record
    project.write("patients/ada.csv", "987654321\n")
    with book.run("train") as run:
        again = run.use("patients")
    assert (again.kind, again.record != first.record) == ("private", True)
    assert all(one.statement.kind != "dataset" for one in _log(book))


def test_input_named_by_its_record_has_no_path(project: Project) -> None:
    book = project.open()
    sealed = book.seal("data.csv")
    with book.run("train") as run:
        assert run.use(sealed).record == sealed.record
        used = run.use(str(sealed.index))
        assert used.record == sealed.record
        with pytest.raises(NoPathKnown):
            os.fspath(used)
    assert len(find_run(book, run.record).document.inputs) == 1


def test_model_is_published_in_the_append_of_its_run(project: Project) -> None:
    import numpy
    from safetensors.numpy import save_file

    book = project.open()
    project.write("held-out.csv", "x,y\n9,9\n")
    for number in (1, 2):
        with book.run("train") as run:
            run.use("data.csv")
            run.use("held-out.csv", role="test")
            out = run.produce("model.safetensors", model="churn", card={"task": "regression"})
            save_file({"w": numpy.full(3, number, dtype="float32")}, out)
        ran, made = _log(book)[-2:]
        assert (ran.record, made.record) == (run.record, out.record)
        assert [rel for rel, _ in _edges(made)][:3] == ["trainedOn", "testedOn", "generated"]
        assert made.statement.predicate["model"]["version"] == number  # type: ignore[index,call-overload]
    assert find_run(book, "churn@1").record.record != run.record
    assert find_run(book, "churn").document.outputs[0].kind == "model"


def test_named_output_is_found_by_its_name(project: Project) -> None:
    book = project.open()
    with book.run("train") as run:
        Path(run.produce("model.txt", name="mlflow/m-1")).write_text("a")
    assert find_run(book, "mlflow/m-1").record.record == run.record
    evidence = book.verify("mlflow/m-1", path=Path("model.txt").resolve())
    assert evidence.answer("untampered").status == "proven"
    project.write("model.txt", "b")
    with pytest.raises(DiptychError, match="differs"):
        book.verify("mlflow/m-1", path=Path("model.txt").resolve())


def test_next_output_of_a_name_supersedes_the_one_before(project: Project) -> None:
    book = project.open()
    made = []
    for text in ("a", "b"):
        with book.run("train") as run:
            out = run.produce("model.txt")
            Path(out).write_text(text)
        made.append(out.record)
    with book.read_log() as log:
        newest = find_record(book, log, "model.txt")
    assert ("supersedes", made[0]) in _edges(newest)
    assert newest.record == made[1]


@pytest.mark.parametrize(
    "arguments",
    [
        {"activity": ""},
        {"activity": "a\nb"},
        {"activity": "train", "seed": -1},
        {"activity": "train", "seed": 2**60},
        {"activity": "train", "seed": True},
        {"activity": "train", "seed": "7"},
    ],
)
def test_bad_runs_are_refused(project: Project, arguments: dict[str, Any]) -> None:
    with pytest.raises(BadRun):
        project.open().run(**arguments)


@pytest.mark.parametrize(
    "params",
    [
        {"text": "x" * 5_000},
        {"many": list(range(3_000))},
        {"deep": [[[[[[[[[[1]]]]]]]]]]},
        {"wide": ["y" * 4_000] * 20},
    ],
)
def test_parameters_above_the_limits_are_refused(project: Project, params: dict[str, Any]) -> None:
    with pytest.raises(ParamsTooLarge):
        project.open().run("train", params=params)


def test_whole_numbers_of_numpy_are_seeds(project: Project) -> None:
    import numpy as np

    whole: Any = np.int64(7)
    others: list[Any] = [np.float64(7), np.bool_(True)]
    run = project.open().run("train", seed=whole)
    assert (run.seed, type(run.seed)) == (7, int)
    for wrong in others:
        with pytest.raises(BadRun):
            project.open().run("train", seed=wrong)


def test_run_is_entered_once(project: Project) -> None:
    book = project.open()
    with book.run("train") as run:
        pass
    with pytest.raises(RunNotOpen, match="begun already"), run:
        pass
    assert len(list_runs(book)) == 1


def test_inputs_and_outputs_are_read_and_written_as_paths(project: Project) -> None:
    book = project.open()
    with book.run("copy") as run:
        text = run.use("data.csv").read_text()
        run.produce("a.csv").write_text(text)
        run.produce("b.csv").write_bytes(run.use("data.csv").read_bytes())
    for name in ("a.csv", "b.csv"):
        assert (project.folder / name).read_text() == text


def test_threads_record_runs_beside_each_other(project: Project) -> None:
    book = project.open()
    start = threading.Barrier(4)

    def work(number: int) -> str:
        start.wait()
        with book.run("train", params={"number": number}) as run:
            run.produce(f"{number}.txt").write_text("made")
        return run.record

    with ThreadPoolExecutor(4) as pool:
        records = list(pool.map(work, range(4)))
    assert {run.record.record for run in list_runs(book)} == set(records)
    assert {run.document.status for run in list_runs(book)} == {"completed"}


def test_nothing_is_used_outside_the_run(project: Project) -> None:
    run = project.open().run("train")
    for action in (lambda: run.use("data.csv"), lambda: run.produce("x"), lambda: run.note(a=1)):
        with pytest.raises(RunNotOpen):
            action()
    with run:
        pass
    with pytest.raises(RunNotOpen):
        run.use("data.csv")


def test_seeding_makes_random_numbers_repeat(project: Project) -> None:
    import random

    import numpy

    drawn = []
    for _ in range(2):
        with project.open().run("train", seed=7, seed_generators=True):
            drawn.append((random.random(), float(numpy.random.rand())))
    assert drawn[0] == drawn[1]
    with project.open().run("train", seed=7):
        assert (random.random(), float(numpy.random.rand())) != drawn[0]


def test_child_that_leaves_the_block_is_not_the_run(project: Project) -> None:
    book = project.open()
    with book.run("train") as run:
        child = os.fork()
        if child == 0:
            run.__exit__(None, None, None)
            os._exit(0)
        os.waitpid(child, 0)
        assert list_runs(book) == []
    assert len(list_runs(book)) == 1


def test_find_run_refuses_what_no_run_made(project: Project) -> None:
    book = project.open()
    book.seal("data.csv")
    with pytest.raises(NoRun):
        find_run(book, "data.csv")


def test_record_that_contradicts_its_document_is_refused(project: Project) -> None:
    book = project.open()
    with pytest.raises(ValueError, match="x"), book.run("train") as run:
        raise ValueError("x")
    document = find_run(book, run.record).document
    digest = book.objects.put([document.dump()])
    lie = run_draft(book, replace(document, status="completed"), digest)
    with book.write_log() as log, log.writer() as writer:
        (index,) = writer.append(sign_statements([lie], current_signer(book, log)))
    with pytest.raises(MalformedError, match="contradicts"):
        find_run(book, str(index))
