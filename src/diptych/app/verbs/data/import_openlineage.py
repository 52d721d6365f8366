"""`data import-openlineage`: runs that other systems reported, with what they used and made.

A reported data set is sealed as its description (namespace, name, facets), for its content was
never seen here. All records of a file enter the log in one append; a run that is in it already is
left out, so that a growing file can be imported again.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from diptych.app.verbs.records import STREAM_LABEL, Record, record_at
from diptych.app.verbs.run_outputs import RUN_LABEL, is_logged, run_draft
from diptych.app.verbs.signing import current_signer
from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue, UsageError
from diptych.core.files import naming, system_error
from diptych.provenance.activity.document import RunDocument, RunInput, RunOutput
from diptych.provenance.activity.openlineage import (
    MAX_FILE_BYTES,
    ReportedDataset,
    ReportedRun,
    description,
    read_openlineage,
)
from diptych.provenance.activity.redact import Redactor
from diptych.provenance.keys.signer import Signer
from diptych.provenance.log import Log
from diptych.provenance.manifest import BuiltManifest, build_stream_manifest
from diptych.provenance.statement import Draft, Edge, Subject, sign_statements
from diptych_verify.merkle import leaf_hash

_FILE = "openlineage.json"


class NoEventFile(UsageError):
    """The file of OpenLineage events does not exist."""

    code = "OpenLineage.NoFile"


@dataclass(frozen=True)
class ImportedLineage:
    """What was imported.

    Attributes:
        runs: hex record ids of the new runs.
        datasets: how many descriptions of data sets were sealed.
        known: runs that were in the log already.
        unfinished: runs whose end no event says.
    """

    runs: tuple[str, ...]
    datasets: int
    known: int
    unfinished: int

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `--json` shows."""
        return {
            "runs": list(self.runs),
            "datasets": self.datasets,
            "known": self.known,
            "unfinished": self.unfinished,
        }


def import_openlineage(
    workspace: Workspace, path: Path, *, environ: Mapping[str, str], keep_messages: bool = False
) -> ImportedLineage:
    """Import a file of OpenLineage RunEvents.

    Args:
        workspace: where the records will stand.
        path: the file.
        environ: environment, whose secrets are masked in facets.
        keep_messages: keep error messages, which may hold personal data.

    Raises:
        NoEventFile: there is none.
        MalformedError: it is no such file.
    """
    raw = _read(workspace.start / path)
    with naming(path):
        found, unfinished = read_openlineage(raw, Redactor(environ), keep_messages=keep_messages)
    with workspace.read_log() as log:
        new = [run for run in found if not is_logged(log, run.id)]
    batch = _Batch(workspace)
    for run in new:
        batch.describe(run)
    if new:
        batch.log(new)
    return ImportedLineage(tuple(batch.runs), batch.datasets, len(found) - len(new), unfinished)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        raise NoEventFile(f"there is no file {path}") from None
    except OSError as error:
        raise system_error(error) from error


class _Batch:
    """The records of one file: objects first, then one append."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._built: dict[bytes, BuiltManifest] = {}
        self._newest: dict[str, tuple[str, str]] = {}
        self._envelopes: list[bytes] = []
        self._labels: dict[str, int] = {}
        self.runs: list[str] = []
        self.datasets = 0

    def describe(self, run: ReportedRun) -> None:
        """Store the descriptions of what a run used and made."""
        for one in (*run.inputs, *run.outputs):
            raw = description(one)
            if raw not in self._built:
                self._built[raw] = build_stream_manifest(
                    io.BytesIO(raw), self._workspace.objects, name=_FILE, keep_payload=True
                )

    def log(self, runs: list[ReportedRun]) -> None:
        """Sign and append everything."""
        workspace = self._workspace
        with workspace.write_log() as log, log.writer(workspace.lease_terms()) as writer:
            signer = current_signer(workspace, log)
            for run in runs:
                self._add_run(log, signer, run)
            workspace.objects.flush()
            writer.append(self._envelopes, labels=self._labels)

    def _add_run(self, log: Log, signer: Signer, run: ReportedRun) -> None:
        inputs = [self._dataset(log, signer, one) for one in run.inputs]
        document = RunDocument(
            run.id,
            run.job[:256],
            run.status,
            run.started,
            duration_s=run.duration_s,
            inputs=tuple(
                RunInput(one.reference, record)
                for one, record in zip(run.inputs, inputs, strict=True)
            ),
            outputs=tuple(
                RunOutput(one.reference, "", "dataset", self._root(one)) for one in run.outputs
            ),
            reported=run.reported,
        )
        digest = self._workspace.objects.put([document.dump()])
        draft = run_draft(self._workspace, document, digest)
        record = self._sign(signer, draft, f"{RUN_LABEL}{run.id}")
        self.runs.append(record)
        edges = [Edge("generated", record), *(Edge("derivedFrom", one) for one in inputs)]
        for one in run.outputs:
            self._dataset(log, signer, one, made_by=edges)

    def _dataset(
        self, log: Log, signer: Signer, one: ReportedDataset, *, made_by: list[Edge] | None = None
    ) -> str:
        """Return the record of a description; an input that is known to say the same is kept."""
        built = self._built[description(one)]
        before = self._newest.get(one.reference) or _logged(log, one.reference)
        if before is not None and made_by is None and before[1] == built.object_name:
            return before[0]
        edges = list(made_by or [])
        if before is not None:
            edges.append(Edge("supersedes", before[0]))
        draft = Draft(
            "dataset",
            (Subject(one.reference, built.subject_digest()),),
            self._workspace.clock(),
            tuple(edges),
            {"manifest": built.predicate(), "reported": "openlineage"},
        )
        record = self._sign(signer, draft, STREAM_LABEL + one.reference)
        self._newest[one.reference] = (record, built.object_name)
        self.datasets += 1
        return record

    def _root(self, one: ReportedDataset) -> str:
        return self._built[description(one)].summary.root.hex()

    def _sign(self, signer: Signer, draft: Draft, label: str) -> str:
        (envelope,) = sign_statements([draft], signer)
        self._labels[label] = len(self._envelopes)
        self._envelopes.append(envelope)
        return leaf_hash(envelope).hex()


def _logged(log: Log, reference: str) -> tuple[str, str] | None:
    index = log.label(STREAM_LABEL + reference)
    if index is None:
        return None
    record: Record = record_at(log, index)
    claim = record.statement.manifest
    return record.record, claim.object_digest.hex() if claim else ""
