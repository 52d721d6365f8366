"""What a run makes, and the one append that puts the run and its outputs into the log."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from diptych.app.verbs.records import PATH_LABEL, record_at, sealed_name
from diptych.app.verbs.seal import build_options
from diptych.app.verbs.signing import current_signer
from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue, UsageError
from diptych.provenance.activity.document import RunDocument, RunOutput
from diptych.provenance.log import LeaseTerms, Log, LogReader
from diptych.provenance.manifest import build_manifest
from diptych.provenance.statement import Draft, Edge, Subject, sign_statements
from diptych_verify.merkle import leaf_hash

RUN_LABEL = "run/"


class NoOutput(UsageError):
    """A run said that it makes a file or folder, and at its end there is none."""

    code = "Run.NoOutput"


@dataclass
class Produced(os.PathLike[str]):
    """One output of a run; works as a path.

    Attributes:
        reference: as it was named.
        path: where it is.
        private: whether it is sealed privately.
        model: name under which it is published as a model; None for data.
        card: members of the model's card.
        record: hex record id, empty until the run has ended.
    """

    reference: str
    path: Path
    private: bool = False
    model: str | None = None
    card: Mapping[str, Any] = field(default_factory=dict)
    record: str = ""

    def __fspath__(self) -> str:
        return str(self.path)

    def __truediv__(self, inner: str) -> Path:
        return self.path / inner


@dataclass(frozen=True)
class Made:
    """An output that is hashed, and the record that will say so.

    Attributes:
        output: what was promised.
        said: its line in the run document.
        subject: of its record.
        fields: of its record's predicate.
        label: that will point to its record.
        derived: relation to what the run used.
    """

    output: Produced
    said: RunOutput
    subject: Subject
    fields: Mapping[str, JsonValue]
    label: str
    derived: str = "derivedFrom"


def make_output(workspace: Workspace, output: Produced) -> Made:
    """Hash one output.

    Raises:
        NoOutput: it is not there.
        CannotScan: it holds what cannot be sealed.
        FileChanged: it changed while it was read.
    """
    if not output.path.exists():
        raise NoOutput(f"there is no file or folder {output.reference}", hint="write it in the run")
    if output.private:
        return _private(workspace, output)
    name = sealed_name(workspace, output.path)
    built = build_manifest(output.path, workspace.objects, build_options(workspace, store=False))
    stored = "" if name.startswith("/") else name
    return Made(
        output,
        RunOutput(name, stored, "dataset", built.summary.root.hex()),
        Subject(name, built.subject_digest()),
        {"manifest": built.predicate()},
        PATH_LABEL + name,
    )


def _private(workspace: Workspace, output: Produced) -> Made:
    from diptych.app.verbs.private import private_label, private_store
    from diptych.provenance.private import PrivateOptions, seal_private

    options = PrivateOptions(
        workers=workspace.settings.seal.workers, ignore_file=workspace.settings.seal.ignore_file
    )
    with private_store(workspace) as private:
        made = seal_private(output.path, workspace.objects, private, options=options)
    return Made(
        output,
        RunOutput("private", "", "private"),
        Subject("private", made.subject_digest()),
        {"private": made.predicate()},
        private_label(workspace, output.path),
    )


def log_run(
    workspace: Workspace,
    document: RunDocument,
    made: Sequence[Made] = (),
    *,
    terms: LeaseTerms | None = None,
) -> str:
    """Put a run and its outputs into the log, all of it or nothing, and return the run's record id.

    Args:
        workspace: where the log stands.
        document: what is known of the run; stored as an object.
        made: its outputs.
        terms: how long to wait for other writers.
    """
    digest = workspace.objects.put([document.dump()])
    workspace.objects.flush()
    with workspace.write_log() as log:
        signer = current_signer(workspace, log)
        (envelope,) = sign_statements([run_draft(workspace, document, digest)], signer)
        run = leaf_hash(envelope).hex()
        time_s = workspace.clock()
        drafts = [_output_draft(log, one, run, document, time_s=time_s) for one in made]
        envelopes = [envelope, *sign_statements(drafts, signer)] if drafts else [envelope]
        labels = {f"{RUN_LABEL}{document.id}": 0}
        labels |= {one.label: position for position, one in enumerate(made, start=1)}
        with log.writer(terms or workspace.lease_terms()) as writer:
            writer.append(envelopes, labels=labels)
    for one, raw in zip(made, envelopes[1:], strict=True):
        one.output.record = leaf_hash(raw).hex()
    return run


def run_draft(workspace: Workspace, document: RunDocument, digest: str) -> Draft:
    """Return the statement of a run whose document is stored under `digest`."""
    said: dict[str, JsonValue] = {
        "activity": document.activity,
        "status": document.status,
        "document": digest,
    }
    return Draft(
        "run",
        (Subject(document.activity, {"sha256": digest}),),
        workspace.clock(),
        tuple(Edge("used", one.record) for one in document.inputs),
        {"run": said},
    )


def _output_draft(log: Log, one: Made, run: str, document: RunDocument, *, time_s: float) -> Draft:
    kind = "private" if one.output.private else "dataset"
    edges = [Edge("generated", run)]
    edges += [Edge(one.derived, used.record) for used in document.inputs]
    before = log.label(one.label)
    if before is not None:
        edges.append(Edge("supersedes", record_at(log, before).record))
    return Draft(kind, (one.subject,), time_s, tuple(edges), one.fields)


def is_logged(log: LogReader, run_id: str) -> bool:
    """Tell whether a run of this id has its record already."""
    return log.label(f"{RUN_LABEL}{run_id}") is not None
