"""What a run makes, and the one append that puts the run and its outputs into the log."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from diptych.app.verbs.records import PATH_LABEL, STREAM_LABEL, record_at, sealed_name
from diptych.app.verbs.requirements import checked_edges
from diptych.app.verbs.run_inputs import Used
from diptych.app.verbs.seal import build_options
from diptych.app.verbs.signing import current_signer
from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue, UsageError
from diptych.provenance.activity.document import RunDocument, RunOutput
from diptych.provenance.log import LeaseTerms, LogReader
from diptych.provenance.manifest import build_manifest
from diptych.provenance.statement import Draft, Edge, Subject, sign_statements
from diptych_verify.merkle import leaf_hash

if TYPE_CHECKING:
    from diptych.app.verbs.model.prepare import PreparedModel

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
        name: under which it is found; empty for its path.
        model: name under which it is published as a model; None for data.
        card: members of the model's card.
        version: name of the data of which it becomes the next version, empty for none.
        trust: class names that the model's skops file may hold.
        record: hex record id, empty until the run has ended.
        number: of that version, 0 until then.
    """

    reference: str
    path: Path
    private: bool = False
    name: str = ""
    model: str | None = None
    card: Mapping[str, Any] = field(default_factory=dict)
    version: str = ""
    trust: tuple[str, ...] = ()
    record: str = ""
    number: int = 0

    @classmethod
    def at(cls, folder: Path, path: str | os.PathLike[str], *what: Any) -> "Produced":
        """Promise an output; a folder written with a slash at the end is made now."""
        text = os.fspath(path)
        if text.endswith("/"):
            (folder / text).mkdir(parents=True, exist_ok=True)
        return cls(text.rstrip("/") or text, folder / text, *what)

    def __fspath__(self) -> str:
        return str(self.path)

    def __truediv__(self, inner: str) -> Path:
        return self.path / inner

    def write_bytes(self, raw: bytes) -> int:
        """Write the file, as `Path.write_bytes` does."""
        return self.path.write_bytes(raw)

    def write_text(self, text: str, encoding: str = "utf-8") -> int:
        """Write the file, as `Path.write_text` does."""
        return self.path.write_text(text, encoding=encoding)


class Made(Protocol):
    """An output that is hashed, and the record that will say so."""

    @property
    def output(self) -> Produced:
        """What was promised."""
        ...

    @property
    def said(self) -> RunOutput:
        """Its line in the run document."""
        ...

    def draft(
        self, workspace: Workspace, log: LogReader, run: str
    ) -> tuple[Draft, tuple[str, ...]]:
        """Return its statement, and the labels that are to point to its record.

        Args:
            workspace: where the log stands.
            log: held by its writer.
            run: hex id of the run's record.
        """
        ...


@dataclass(frozen=True)
class _MadeData:
    output: Produced
    said: RunOutput
    subject: Subject
    fields: Mapping[str, JsonValue]
    label: str
    inputs: tuple[Used, ...]
    checked: tuple[Edge, ...] = ()

    def draft(
        self, workspace: Workspace, log: LogReader, run: str
    ) -> tuple[Draft, tuple[str, ...]]:
        edges = [Edge("generated", run), *(Edge("derivedFrom", one.record) for one in self.inputs)]
        edges += self.checked
        if self.output.version:
            return self._version(workspace, log, tuple(edges))
        before = log.label(self.label)
        if before is not None:
            edges.append(Edge("supersedes", record_at(log, before).record))
        kind = self.said.kind
        made = Draft(kind, (self.subject,), workspace.clock(), tuple(edges), self.fields)
        return made, (self.label,)

    def _version(
        self, workspace: Workspace, log: LogReader, edges: tuple[Edge, ...]
    ) -> tuple[Draft, tuple[str, ...]]:
        from diptych.app.verbs.data.versions import NewVersion, draft_version

        made = Draft(self.said.kind, (self.subject,), workspace.clock(), edges, self.fields)
        version = NewVersion(self.output.version, made, (self.label,))
        draft, labels, self.output.number = draft_version(log, version)
        return draft, labels


@dataclass(frozen=True)
class _MadeModel:
    output: Produced
    said: RunOutput
    prepared: "PreparedModel"

    def draft(
        self, workspace: Workspace, log: LogReader, run: str
    ) -> tuple[Draft, tuple[str, ...]]:
        from diptych.app.verbs.model.publish import draft_version

        made = draft_version(workspace, log, self.prepared, run=run)
        return made.draft, made.labels


def make_output(workspace: Workspace, output: Produced, inputs: tuple[Used, ...]) -> Made:
    """Hash one output.

    Args:
        workspace: where the log stands.
        output: what was promised.
        inputs: what the run used.

    Raises:
        NoOutput: it is not there.
        CannotScan: it holds what cannot be sealed.
        FileChanged: it changed while it was read.
        UnsafeFormat: a model's file can run code when it is read.
        RequirementUnmet: the requirements ask for a quality report that is not there.
    """
    if not output.path.exists():
        raise NoOutput(f"there is no file or folder {output.reference}", hint="write it in the run")
    checked: tuple[Edge, ...] = ()
    if output.model is None:
        checked = checked_edges(workspace, output.path, private=output.private)
    if output.private:
        return replace(_private(workspace, output, inputs), checked=checked)
    name = sealed_name(workspace, output.path)
    stored = "" if name.startswith("/") else name
    if output.model is not None:
        return _model(workspace, output, inputs, stored)
    built = build_manifest(output.path, workspace.objects, build_options(workspace, store=False))
    label = STREAM_LABEL + output.name if output.name else PATH_LABEL + name
    return _MadeData(
        output,
        RunOutput(output.name or name, stored, "dataset", built.summary.root.hex()),
        Subject(output.name or name, built.subject_digest()),
        {"manifest": built.predicate()},
        label,
        inputs,
        checked,
    )


def _model(workspace: Workspace, output: Produced, inputs: tuple[Used, ...], stored: str) -> Made:
    from diptych.app.verbs.model.prepare import Publishing, prepare_model

    assert output.model is not None
    by_role: dict[str, list[str]] = {"train": [], "test": [], "base": []}
    for one in inputs:
        by_role["base" if one.kind == "model" else one.role].append(one.record)
    asked = Publishing(
        output.model,
        output.card,
        trained_on=by_role["train"],
        tested_on=by_role["test"],
        fine_tuned_from=by_role["base"],
        trust=output.trust,
    )
    prepared = prepare_model(workspace, output.path, asked)
    root = prepared.built.summary.root.hex()
    return _MadeModel(output, RunOutput(output.model, stored, "model", root), prepared)


def _private(workspace: Workspace, output: Produced, inputs: tuple[Used, ...]) -> _MadeData:
    from diptych.app.verbs.private import private_label, private_store
    from diptych.provenance.private import PrivateOptions, seal_private

    options = PrivateOptions(
        workers=workspace.settings.seal.workers, ignore_file=workspace.settings.seal.ignore_file
    )
    with private_store(workspace) as private:
        made = seal_private(output.path, workspace.objects, private, options=options)
    return _MadeData(
        output,
        RunOutput("private", "", "private"),
        Subject("private", made.subject_digest()),
        {"private": made.predicate()},
        private_label(workspace, output.path),
        inputs,
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
    with (
        workspace.write_log() as log,
        log.writer(terms or workspace.lease_terms()) as writer,
    ):
        signer = current_signer(workspace, log)
        (envelope,) = sign_statements([run_draft(workspace, document, digest)], signer)
        run = leaf_hash(envelope).hex()
        labels, drafts = {f"{RUN_LABEL}{document.id}": 0}, []
        for position, one in enumerate(made, start=1):
            draft, named = one.draft(workspace, log, run)
            drafts.append(draft)
            labels |= dict.fromkeys(named, position)
        envelopes = [envelope, *sign_statements(drafts, signer)] if drafts else [envelope]
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


def is_logged(log: LogReader, run_id: str) -> bool:
    """Tell whether a run of this id has its record already."""
    return log.label(f"{RUN_LABEL}{run_id}") is not None
