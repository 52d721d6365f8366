"""`model list` and `model show`: versions, aliases, approvals, and what the card says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice

from diptych.app.verbs.model.load import read_card
from diptych.app.verbs.model.resolve import registry_of, resolve
from diptych.app.verbs.records import record_at, with_local_names
from diptych.app.workspace import Workspace
from diptych.core.errors import DiptychError, JsonValue
from diptych.models.card.schema import Card
from diptych.models.registry.registry import Registry, Resolved
from diptych.provenance.log import LogReader


@dataclass(frozen=True)
class ModelRow:
    """One version: what it is and what others said about it.

    Attributes:
        name: of the model.
        version: its number.
        format: of its files.
        time: when it was published, on its signer's word.
        record: hex record id.
        index: its place in the log.
        aliases: that point to it now.
        approvals: newest verdict by role.
        revoked: why, empty if it is not.
    """

    name: str
    version: int
    format: str
    time: str
    record: str
    index: int
    aliases: tuple[str, ...]
    approvals: tuple[tuple[str, str], ...]
    revoked: str

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `--json` shows."""
        return {
            **vars(self),
            "aliases": list(self.aliases),
            "approvals": dict(self.approvals),
        }


@dataclass(frozen=True)
class Shown:
    """A version with its card.

    Attributes:
        row: of the version.
        card: as it was sealed.
        tensors: their number.
        size_bytes: of all files.
        local_names: by record id, what this workspace calls data whose records hide their name.
    """

    row: ModelRow
    card: Card
    tensors: int
    size_bytes: int
    local_names: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych model show --json` shows."""
        return {
            **self.row.to_json(),
            "card": self.card.to_json(),
            "tensors": self.tensors,
            "bytes": self.size_bytes,
            "local_names": dict(self.local_names),
        }


def list_models(
    workspace: Workspace, name: str | None = None, *, limit: int | None = None
) -> list[ModelRow]:
    """Return the versions of every model, or of one, newest version first.

    Args:
        workspace: where the log stands.
        name: of one model.
        limit: most versions.

    Raises:
        HistoryEdited: an entry of the log was edited.
    """
    with workspace.read_log() as log:
        registry = registry_of(workspace, log)
        found = registry.resolved() if name is None else registry.resolved_of(name)
        return [_row(registry, one) for one in islice(found, limit)]


def show(workspace: Workspace, what: str) -> Shown:
    """Return a version with its sealed card.

    Raises:
        NoSuchModel: nothing of that name is in the log.
        CardMismatch: the card was changed or contradicts the record.
    """
    with workspace.read_log() as log:
        registry = registry_of(workspace, log)
        found = resolve(log, registry, what)
        card = read_card(workspace, found)
        names = _local_names(log, card)
        row = _row(registry, found)
    claim, manifest = found.claim.tensors, found.logged.statement.manifest
    return Shown(
        row,
        card,
        0 if claim is None else claim.count,
        0 if manifest is None else manifest.total_bytes,
        names,
    )


def _local_names(log: LogReader, card: Card) -> dict[str, str]:
    named = [bytes.fromhex(one.record) for one in card.data if one.record]
    indexes = [index for index in map(log.find, named) if index is not None]
    records = with_local_names(log, [record_at(log, index) for index in indexes])
    return {one.record: one.local_name for one in records if one.local_name}


def _row(registry: Registry, found: Resolved) -> ModelRow:
    record = found.logged.record
    name = found.claim.name
    verdicts = {}
    for role, logged in registry.approvals(record).items():
        said = logged.statement.predicate.get("approval")
        verdicts[role] = str(said.get("verdict")) if isinstance(said, dict) else ""
    return ModelRow(
        name=name,
        version=found.claim.version,
        format=found.claim.format,
        time=found.logged.statement.time,
        record=record,
        index=found.logged.index,
        aliases=tuple(one for one in registry.aliases(name) if _names(registry, found, one)),
        approvals=tuple(sorted(verdicts.items())),
        revoked=_revoked(registry, record),
    )


def _names(registry: Registry, found: Resolved, alias: str) -> bool:
    try:
        return registry.alias(found.claim.name, alias).logged.record == found.logged.record
    except DiptychError:  # it points nowhere any more
        return False


def _revoked(registry: Registry, record: str) -> str:
    logged = registry.revocation(record)
    if logged is None:
        return ""
    said = logged.statement.predicate.get("revocation")
    return str(said.get("reason") or "revoked") if isinstance(said, dict) else "revoked"
