"""`model publish`: a model, its card and where both come from become the next version of a name."""

from dataclasses import dataclass
from pathlib import Path

from diptych.app.verbs.model.prepare import PreparedModel, Publishing, prepare_model
from diptych.app.verbs.names import MODEL, newest_version, version_labels
from diptych.app.verbs.records import Record, find_record, record_at
from diptych.app.verbs.signing import current_signer
from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue
from diptych.models.card.schema import Card, complete_card, dump_card
from diptych.models.errors import NotOurs
from diptych.models.folder import plain_sha256
from diptych.models.registry.drafts import ModelContent, model_draft
from diptych.provenance.log import LogReader
from diptych.provenance.statement import Draft, Edge, sign_statements
from diptych_verify.statement import Statement


@dataclass(frozen=True)
class Published:
    """A version of a model.

    Attributes:
        name: of the model.
        version: its number.
        record: hex record id.
        index: its place in the log.
        format: of its files.
        files: number of files.
        size_bytes: of the files.
        tensors: number of tensors.
        parameters: number of values in them.
        card: hex digest of the card.
        new: False if the newest version says the same already.
    """

    name: str
    version: int
    record: str
    index: int
    format: str
    files: int
    size_bytes: int
    tensors: int
    parameters: int
    card: str
    new: bool = True

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych model publish --json` shows."""
        return {**vars(self)}


@dataclass(frozen=True)
class ModelVersionDraft:
    """The next version of a model, ready to be signed.

    Attributes:
        draft: its statement.
        labels: that are to point to its record.
        version: its number.
        card: as it will be sealed; it stands in the object store.
        before: record of the newest version, if there is one.
        is_new: False if `before` says the same.
    """

    draft: Draft
    labels: tuple[str, ...]
    version: int
    card: Card
    before: Record | None
    is_new: bool


def publish(
    workspace: Workspace, path: Path, asked: Publishing, *, run: str | None = None
) -> Published:
    """Publish a model.

    Args:
        workspace: where the log stands.
        path: file or folder of the model.
        asked: name, card and references.
        run: reference to the record of the run that made it.

    Raises:
        NoSuchRecord: a reference names nothing.
        NotOurs: `run` names another kind of record.
        UnsafeFormat: a file can run code when it is read.
        UnsupportedFormat: no model, or several.
        BadCard: the card is malformed or contradicts the files.
        KeyLocked: nothing unlocks the keys.
        Busy: somebody else is still writing after the wait.
    """
    with workspace.write_log() as log:
        current_signer(workspace, log)  # what can fail should fail before hours of reading
        made_by = None if run is None else _run_record(workspace, log, run)
    return publish_prepared(workspace, prepare_model(workspace, path, asked), run=made_by)


def _run_record(workspace: Workspace, log: LogReader, what: str) -> str:
    found = find_record(workspace, log, what)
    if found.statement.kind != "run":
        raise NotOurs(
            f"record {found.index} is of kind '{found.statement.kind}', expected a run",
            hint="diptych log",
        )
    return found.record


def publish_prepared(
    workspace: Workspace,
    prepared: PreparedModel,
    *,
    run: str | None = None,
    imported: dict[str, JsonValue] | None = None,
) -> Published:
    """Publish what `prepare_model` made; arguments as in `draft_version`.

    Raises:
        BadCard: the card is malformed or contradicts the files.
        Busy: somebody else is still writing after the wait.
    """
    with workspace.write_log() as log, log.writer(workspace.lease_terms()) as writer:
        made = draft_version(workspace, log, prepared, run=run, imported=imported)
        if not made.is_new and made.before is not None:
            return _published(made.before, prepared, made)
        (envelope,) = sign_statements([made.draft], current_signer(workspace, log))
        index = writer.append([envelope], labels=dict.fromkeys(made.labels, 0))[0]
        return _published(record_at(log, index), prepared, made)


def draft_version(
    workspace: Workspace,
    log: LogReader,
    prepared: PreparedModel,
    *,
    run: str | None = None,
    imported: dict[str, JsonValue] | None = None,
) -> ModelVersionDraft:
    """Give a prepared model its version and card; call while the log's lease is held.

    A run that makes a model logs both in one append: sign the run, take its record id (the leaf
    hash of its envelope) as `run` here, sign this draft, append both with `labels`.

    Args:
        workspace: where the card is stored.
        log: to read the newest version.
        prepared: from `prepare_model`.
        run: hex id of the run's record, which may be in the same append.
        imported: where the model was imported from.

    Raises:
        BadCard: the card is malformed or contradicts the files.
    """
    number = newest_version(log, MODEL, prepared.name)
    before = _labelled(log, f"{MODEL}/{prepared.name}@{number}") if number else None
    edges = (*prepared.edges, *([Edge("generated", run)] if run else []))
    if before is not None and _says_the_same(before.statement, prepared, number, edges):
        card = _card(prepared, number)
        return ModelVersionDraft(
            _draft(workspace, prepared, card, edges), (), number, card, before, False
        )
    card = _card(prepared, number + 1)
    if before is not None:
        edges = (*edges, Edge("supersedes", before.record))
    workspace.objects.put([dump_card(card)])
    workspace.objects.flush()
    draft = _draft(workspace, prepared, card, edges, imported=imported)
    labels = version_labels(MODEL, prepared.name, number + 1)
    return ModelVersionDraft(draft, labels, number + 1, card, before, True)


def _card(prepared: PreparedModel, version: int) -> Card:
    return complete_card(prepared.stated, {**prepared.facts, "version": version})


def _draft(
    workspace: Workspace,
    prepared: PreparedModel,
    card: Card,
    edges: tuple[Edge, ...],
    *,
    imported: dict[str, JsonValue] | None = None,
) -> Draft:
    content = ModelContent(
        name=prepared.name,
        version=card.version,
        format=card.format,
        card=plain_sha256(dump_card(card)),
        manifest=prepared.built.predicate(),
        digests=prepared.built.subject_digest(),
        tensors=None if prepared.tree is None else prepared.tree.claim(),
        imported=imported,
    )
    return model_draft(content, edges, time_s=workspace.clock())


def _says_the_same(
    earlier: Statement, prepared: PreparedModel, number: int, edges: tuple[Edge, ...]
) -> bool:
    if earlier.manifest is None or earlier.model is None:
        return False
    stated = {(one.relation, one.record.hex()) for one in earlier.edges if one.record is not None}
    wanted = {(one.rel, one.record) for one in edges if one.record}
    same_card = earlier.model.card.hex() == plain_sha256(dump_card(_card(prepared, number)))
    return same_card and wanted <= stated


def _labelled(log: LogReader, label: str) -> Record | None:
    index = log.label(label)
    return None if index is None else record_at(log, index)


def _published(record: Record, prepared: PreparedModel, made: ModelVersionDraft) -> Published:
    summary = prepared.built.summary
    return Published(
        name=prepared.name,
        version=made.version,
        record=record.record,
        index=record.index,
        format=made.card.format,
        files=summary.files,
        size_bytes=summary.total_bytes,
        tensors=len(prepared.tree.leaves) if prepared.tree else 0,
        parameters=made.card.parameters,
        card=plain_sha256(dump_card(made.card)),
        new=made.is_new,
    )
