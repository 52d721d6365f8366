"""OpenLineage events become runs and data sets; anything else is refused."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.run.conftest import Project

from diptych.app.verbs.data.import_openlineage import NoEventFile, import_openlineage
from diptych.app.verbs.replay.folder import NotReplayable
from diptych.app.verbs.runs import find_run
from diptych.core.errors import MalformedError
from diptych.provenance.activity.openlineage import read_openlineage
from diptych.provenance.activity.redact import Redactor

RUN = "0176a8c2-fe01-7439-87e6-56a1a1b4029f"
OTHER = "01902a1f-0b05-750e-b38e-7998463da853"
SPEC = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"


def event(kind: str, minute: int, *, run: str = RUN, **change: Any) -> dict[str, Any]:
    facet = {"_producer": "https://example.org/airflow", "_schemaURL": SPEC}
    made = {
        "eventType": kind,
        "eventTime": f"2026-11-23T10:{minute:02d}:00.250Z",
        "producer": "https://example.org/airflow/2.9",
        "schemaURL": SPEC,
        "run": {"runId": run, "facets": {"nominalTime": {**facet, "nominalStartTime": "x"}}},
        "job": {"namespace": "airflow", "name": "etl.clean", "facets": {}},
        "inputs": [{"namespace": "postgres://ada:pw@db:5432", "name": "public.raw"}],
        "outputs": [
            {
                "namespace": "s3://lake",
                "name": "clean",
                "facets": {"version": {**facet, "datasetVersion": "7"}},
                "outputFacets": {"outputStatistics": {**facet, "rowCount": 683}},
            }
        ],
    }
    return made | change


def lines(*events: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in events)


def _import(project: Project, raw: bytes, **options: Any) -> Any:
    Path("events.jsonl").write_bytes(raw)
    return import_openlineage(project.open(), Path("events.jsonl"), environ={}, **options)


def test_events_become_a_run_with_what_it_used_and_made(project: Project) -> None:
    done = _import(project, lines(event("START", 1), event("COMPLETE", 3)))
    assert (len(done.runs), done.datasets, done.known, done.unfinished) == (1, 2, 0, 0)
    book = project.open()
    made, ran, used = book.records(limit=3)
    assert [one.statement.kind for one in (made, ran, used)] == ["dataset", "run", "dataset"]
    assert [(e.relation, e.record) for e in made.statement.edges] == [
        ("generated", bytes.fromhex(ran.record)),
        ("derivedFrom", bytes.fromhex(used.record)),
    ]
    document = find_run(book, "openlineage/s3://lake/clean").document
    assert (document.activity, document.status) == ("etl.clean", "completed")
    assert (document.started, document.duration_s) == ("2026-11-23T10:01:00Z", 120.0)
    assert document.id == RUN.replace("-", "")
    assert document.capture is None
    assert document.reported is not None
    assert document.reported["events"] == [
        ["START", "2026-11-23T10:01:00.250000+00:00"],
        ["COMPLETE", "2026-11-23T10:03:00.250000+00:00"],
    ]


def test_lineage_of_two_jobs_hangs_together(project: Project) -> None:
    second = event("COMPLETE", 9, run=OTHER, job={"namespace": "spark", "name": "report"})
    second["inputs"] = [{"namespace": "s3://lake", "name": "clean"}]
    second["outputs"] = [{"namespace": "s3://lake", "name": "report"}]
    first = event("COMPLETE", 3)
    first["outputs"][0].pop("facets")
    first["outputs"][0].pop("outputFacets")
    _import(project, lines(second, first))
    book = project.open()
    runs = find_run(book, "openlineage/s3://lake/report").document
    clean = next(one for one in book.records(limit=9) if one.name == "openlineage/s3://lake/clean")
    assert [one.record for one in runs.inputs] == [clean.record]


def test_importing_a_growing_file_again_takes_what_is_new(project: Project) -> None:
    _import(project, lines(event("START", 1), event("COMPLETE", 3)))
    later = event("START", 4, run=OTHER)
    done = _import(project, lines(event("START", 1), event("COMPLETE", 3), later))
    assert (done.runs, done.known, done.unfinished) == ((), 1, 1)
    before = len(project.open().records(limit=99))
    done = _import(project, lines(event("COMPLETE", 3), later, event("FAIL", 5, run=OTHER)))
    assert (len(done.runs), done.known) == (1, 1)
    # its input says the same as before; its output is a new version
    assert len(project.open().records(limit=99)) == before + 2
    assert find_run(project.open(), done.runs[0]).document.status == "failed"


def test_secrets_and_messages_stay_out(project: Project) -> None:
    failed = event("FAIL", 3)
    failed["run"]["facets"] = {
        "errorMessage": {"message": "no row for Ada Lovelace", "stackTrace": "x"},
        "conf": {"api_key": "hunter2hunter2", "url": "https://a:hunter2hunter2@b/c"},
    }
    failed["inputs"][0]["namespace"] = "postgres://db:5432"
    _import(project, lines(failed))
    paths = [p for p in Path(".diptych").rglob("*") if p.is_file()]
    kept = b"".join(path.read_bytes() for path in paths)
    assert b"Lovelace" not in kept
    assert b"hunter2" not in kept
    again = {**failed, "run": {**failed["run"], "runId": OTHER}}
    done = _import(project, lines(again), keep_messages=True)
    reported = find_run(project.open(), done.runs[0]).document.reported
    assert "Lovelace" in json.dumps(reported)


def test_imported_run_cannot_be_replayed(project: Project) -> None:
    done = _import(project, lines(event("COMPLETE", 3)))
    from diptych.app.verbs.model.reproduce import reproduce

    with pytest.raises(NotReplayable, match="another system"):
        reproduce(project.open(), done.runs[0])


@pytest.mark.parametrize("form", ["one", "array", "lines"])
def test_forms_of_a_file(form: str) -> None:
    one = event("COMPLETE", 3)
    forms = {
        "one": json.dumps(one, indent=1).encode(),
        "array": json.dumps([one]).encode(),
        "lines": lines(one),
    }
    found, _ = read_openlineage(forms[form], Redactor({}))
    assert [run.job for run in found] == ["etl.clean"]
    assert found[0].inputs[0].namespace == "postgres://********@db:5432"


BAD = [
    {"eventType": "DONE"},
    {"eventTime": "yesterday"},
    {"eventTime": "2026-13-23T10:00:00Z"},
    {"run": {"runId": "7"}},
    {"run": {}},
    {"job": {"name": "x"}},
    {"inputs": {"namespace": "a", "name": "b"}},
    {"inputs": [{"namespace": "a"}]},
    {"inputs": [{"namespace": "a", "name": "b\n"}]},
    {"inputs": [{"namespace": "a", "name": "b", "extra": 1}]},
    {"outputs": [{"namespace": "a", "name": "b", "facets": {"x": 1}}]},
    {"inputs": [{"namespace": "a", "name": str(n)} for n in range(1_001)]},
    {"producer": 7},
    {"surprise": True},
]


@pytest.mark.parametrize("change", BAD, ids=lambda c: json.dumps(c)[:40])
def test_what_is_no_run_event_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(MalformedError):
        read_openlineage(lines(event("COMPLETE", 3, **change)), Redactor({}))


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b"null", b"[" * 99, b'{"eventType":"START"}'])
def test_what_is_no_file_of_events_is_refused(raw: bytes) -> None:
    with pytest.raises(MalformedError):
        read_openlineage(raw, Redactor({}))


def test_events_of_one_run_name_one_job() -> None:
    other = event("COMPLETE", 3, job={"namespace": "airflow", "name": "other"})
    with pytest.raises(MalformedError, match="several jobs"):
        read_openlineage(lines(event("START", 1), other), Redactor({}))


@given(st.data())
def test_any_change_is_read_or_refused(data: st.DataObject) -> None:
    raw = bytearray(lines(event("START", 1), event("COMPLETE", 3)))
    for _ in range(data.draw(st.integers(1, 5))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        read_openlineage(bytes(raw), Redactor({}))
    except MalformedError:
        return


def test_missing_file_is_named(project: Project) -> None:
    with pytest.raises(NoEventFile, match="nowhere"):
        import_openlineage(project.open(), Path("nowhere.json"), environ={})


def test_command(project: Project) -> None:
    from diptych.app.cli import cli

    Path("events.json").write_bytes(lines(event("COMPLETE", 3)))
    done = CliRunner().invoke(cli, ["data", "import-openlineage", "events.json", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.output)["datasets"] == 2
    shown = CliRunner().invoke(cli, ["run", "list"])
    assert "etl.clean" in shown.output
