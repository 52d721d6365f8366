"""Readers of runs and of what a log says: OpenLineage, run documents, journals, hostile graphs."""

import json
import sqlite3
from pathlib import Path

from tests.golden.world import log_signer, seed
from tests.property.fuzz.engine import Target
from tests.property.fuzz.targets_verifier import flags

from diptych.core.errors import JsonValue, MalformedError
from diptych.provenance.activity.document import MAX_BYTES, RunDocument, RunInput, RunOutput
from diptych.provenance.activity.journal import unfinished_runs
from diptych.provenance.activity.openlineage import ReportedRun, description, read_openlineage
from diptych.provenance.activity.redact import Redactor
from diptych.provenance.graph.assemble import assemble, require_same
from diptych.provenance.graph.graph import Graph
from diptych.provenance.graph.page import lineage_page
from diptych.provenance.graph.prov import prov_json
from diptych.provenance.graph.states import Judge
from diptych.provenance.graph.svg import lineage_svg
from diptych.provenance.graph.terms import ENDINGS
from diptych.provenance.graph.walking import WalkOptions, walk
from diptych.provenance.keys.records import begin_log, key_draft
from diptych.provenance.keys.signer import Ed25519Signer
from diptych.provenance.log import Log
from diptych.provenance.statement import Draft, Edge, Subject, pae, sign_statements
from diptych_verify.policy import TrustPolicy

_ALICE = Ed25519Signer(seed("alice"))
_TIME_S = 1_795_424_400
_SECRETS = Redactor({"DB_PASSWORD": "hunter2-hunter2"})
_EVENT = {
    "eventType": "START",
    "eventTime": "2026-11-23T09:00:00.123456789Z",
    "run": {"runId": "01234567-89ab-7def-8123-456789abcdef", "facets": {"nominal": {"a": 1}}},
    "job": {"namespace": "etl", "name": "clean", "facets": {}},
    "inputs": [{"namespace": "pg://me:hunter2-hunter2@db", "name": "raw", "facets": {}}],
    "outputs": [{"namespace": "s3", "name": "out", "outputFacets": {"stats": {"rows": 9}}}],
    "producer": "https://example.org/etl",
    "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json",
}


def activity_targets(folder: Path) -> list[Target]:
    """Return the targets of this module; `folder` is scratch space."""
    folder.mkdir(parents=True)
    end = {**_EVENT, "eventType": "FAIL", "eventTime": "2026-11-23T10:00:00+01:00"}
    events = [_EVENT, end]
    lines = "".join(json.dumps(one) + "\n" for one in events).encode()
    runs = [_run().dump()]
    return [
        Target("openlineage", _read_events, [json.dumps(events).encode()], "json", 30, 4 << 20),
        Target("openlineage_lines", _read_events, [lines], "text", 20, 4 << 20),
        Target("run_document", _read_run, runs, "json", 30, MAX_BYTES),
        _journals(folder / "journals", runs[0]),
        _graphs(folder / "graph"),
    ]


def _read_events(raw: bytes) -> object:
    """Read events, and put what they say into the documents that are sealed."""
    found, unfinished = read_openlineage(raw, _SECRETS, keep_messages=flags(raw) % 2 == 0)
    sealed = [_sealed(one) for one in found]
    if any(b"hunter2-hunter2" in one for one in sealed):
        raise AssertionError("a secret was kept")
    return sealed, unfinished


def _sealed(run: ReportedRun) -> bytes:
    datasets = [description(one) for one in (*run.inputs, *run.outputs)]
    inputs = tuple(RunInput(one.reference, "ab" * 32) for one in run.inputs)
    document = RunDocument(
        *(run.id, run.job[:256], run.status, run.started),
        duration_s=run.duration_s,
        inputs=inputs[:1000],
        reported=run.reported,
    )
    raw = document.dump()
    try:
        RunDocument.parse(raw)
    except MalformedError as error:
        if len(raw) < 1 << 20:
            raise AssertionError(f"cannot be read back: {error}") from error
    return raw + b"".join(datasets)


def _run() -> RunDocument:
    return RunDocument(
        *("ab" * 16, "train", "completed", "2026-11-23T09:00:00Z"),
        duration_s=1.5,
        seed=7,
        params={"lr": 0.1, "layers": [1, 2]},
        notes={"auc": 0.9},
        inputs=(RunInput("trial@1", "cd" * 32, "trial.csv"),),
        outputs=(RunOutput("model", "m.onnx", "dataset", "ef" * 32),),
        error={"type": "ValueError"},
        reported={"a": {"b": 1}},
    )


def _read_run(raw: bytes) -> object:
    return RunDocument.parse(RunDocument.parse(raw).dump())


def _journals(folder: Path, document: bytes) -> Target:
    folder.mkdir()
    path = folder / f"{'ab' * 16}.jsonl"
    used = b'{"used":{"reference":"trial@1","record":"%s","path":""}}\n' % (b"cd" * 32)
    whole = document + b"\n" + used

    def read(raw: bytes) -> object:
        path.write_bytes(raw)
        (found,) = unfinished_runs(folder)
        if found.document is None:
            raise MalformedError("no document")
        return found.document.dump()

    return Target("run_journal", read, [whole], "text", 10, 1 << 20)


def _graphs(folder: Path) -> Target:
    """Return the lineage over a log in which an insider logged a mutated statement."""
    folder.mkdir()
    path = folder / "log.sqlite"
    with Log.create(path, log_signer("graph ")) as log, log.writer() as writer:
        begin_log(writer, _ALICE, time_s=_TIME_S)
        writer.append(_chain())
    whole = path.read_bytes()

    def read(raw: bytes) -> object:
        path.write_bytes(whole)
        for side in ("-wal", "-shm"):
            path.with_name(path.name + side).unlink(missing_ok=True)
        with Log.open(path, signer=log_signer("graph ")) as log:
            with log.writer() as writer:
                at = writer.append([_enveloped(raw)])[0]
            return _shown(log, at)

    return Target("graph", read, _hostile(whole, path), "json", 4, 60 << 10)


def _chain() -> list[bytes]:
    made: list[bytes] = []
    record = ""
    for number in range(4):
        edges = (Edge("derivedFrom", record),) if record else ()
        made += sign_statements([_note(f"note-{number}", *edges)], _ALICE)
        record = _id(made[-1])
    return made


def _id(envelope: bytes) -> str:
    from diptych_verify.merkle import leaf_hash

    return leaf_hash(envelope).hex()


def _note(name: str, *edges: Edge, kind: str = "note", **fields: JsonValue) -> Draft:
    return Draft(kind, (Subject(name, {"sha256": "ab" * 32}),), _TIME_S, edges, fields)


def _hostile(whole: bytes, path: Path) -> list[bytes]:
    """Return statements about the chain: derived from it, revoking it, erasing it, versions."""
    del whole
    with Log.open(path) as log:
        ids = [_id(log.entry(at)) for at in range(log.size)]
    erased: JsonValue = {"scope": "leaves", "leaves": [[0, 4], [9, 1]]}
    agent = Edge("attributedTo", "", {"agent": "Ada", "role": "data manager"})
    drafts = [
        _note("child", Edge("derivedFrom", ids[-1]), Edge("used", ids[2]), agent),
        _note("revocation", Edge("revokes", ids[-2]), kind="revocation", reason="wrong"),
        _note("erasure", Edge("erased", ids[-1]), kind="erased", erased=erased),
        _note("v2", Edge("supersedes", ids[-1]), asset={"name": "trial", "version": 2}),
        key_draft("add", f"ed25519:{'ab' * 32}", time_s=_TIME_S),
    ]
    return [_statement(sign_statements([one], _ALICE)[0]) for one in drafts]


def _statement(envelope: bytes) -> bytes:
    from diptych_verify.dsse import parse_envelope

    return parse_envelope(envelope).payload


def _enveloped(statement: bytes) -> bytes:
    from base64 import b64encode

    (signature,) = _ALICE.sign([pae(statement)])
    signed = {"keyid": _ALICE.keyid, "sig": b64encode(signature).decode()}
    kind = "application/vnd.in-toto+json"
    members = {"payload": b64encode(statement).decode(), "payloadType": kind}
    return json.dumps({**members, "signatures": [signed]}).encode()[: 1 << 20]


def _shown(log: Log, at: int) -> object:
    def connect(path: Path) -> sqlite3.Connection:
        return sqlite3.connect(":memory:", isolation_level=None)

    options = WalkOptions()
    policy = TrustPolicy(logs=(log.key,))
    with Graph(Path("graph"), connect=connect) as graph:
        graph.catch_up(log)
        judge = Judge(log, policy)
        for start in (at, 1):
            walked = walk(graph, start, size=log.size, options=options)
            endings = list(graph.edges_to(list(walked.hops), ENDINGS, size=log.size, limit=100))
            judged = judge.judge_all(walked.hops, endings)
            require_same(walked, judged, options)
            lineage = assemble(walked, judged, start=start, origin=log.origin, size=log.size)
            shown = (lineage_page(lineage), lineage_svg(lineage), prov_json(lineage))
            for text in shown:
                text.encode()
        graph.as_of(_TIME_S)
    if judged[1].statement is None:
        raise MalformedError("the first record")
    state = judge.judge(at)
    if state.statement is None:
        raise MalformedError(ascii(state.reason))
    return shown
