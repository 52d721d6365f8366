"""Named versions: a record and its labels `data/NAME` and `data/NAME@n` in one append."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from diptych.app.verbs.licences import open_licences
from diptych.app.verbs.names import DATA, newest_version, require_name, version_labels
from diptych.app.verbs.records import Record, find_record, record_at
from diptych.app.verbs.signing import current_signer
from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue, UsageError
from diptych.provenance.licence import preset
from diptych.provenance.licence.presets import PRESETS
from diptych.provenance.log import Log, LogReader
from diptych.provenance.statement import Draft, Edge, sign_statements
from diptych_verify.licence import Licence


class NoLicence(UsageError):
    """What was named as a licence is another kind of record."""

    code = "Data.NoLicence"


class BadAttribution(UsageError):
    """An attribution is not NAME:role or NAME:role:share with a share from 0 to 1."""

    code = "Data.BadAttribution"


@dataclass(frozen=True)
class NewVersion:
    """What is to become the next version of a name.

    Attributes:
        name: of the data.
        draft: the statement without `supersedes` edges and without `asset`.
        labels: further labels that point to the record, for example that of its path.
        public_name: False for a private seal: the record does not say its name.
        same: tells whether a record says the same already.
    """

    name: str
    draft: Draft
    labels: tuple[str, ...] = ()
    public_name: bool = True
    same: Callable[[Record], bool] = lambda record: False


@dataclass(frozen=True)
class Version:
    """A version in the log: its record, its number, and whether it was appended just now."""

    record: Record
    name: str
    number: int
    new: bool


def log_version(workspace: Workspace, version: NewVersion) -> Version:
    """Append the next version of a name, unless the newest one says the same.

    Number and predecessor are read while the log's lease is held, so that two writers never make
    the same version.

    Raises:
        BadAssetName: the name is not one.
        KeyLocked: nothing unlocks the keys.
        Busy: somebody else is still writing after the wait.
    """
    require_name(version.name)
    with workspace.write_log() as log, log.writer(workspace.lease_terms()) as writer:
        newest = newest_version(log, DATA, version.name)
        before = _labelled(log, f"{DATA}/{version.name}@{newest}") if newest else None
        if before is not None and version.same(before):
            return Version(before, version.name, newest, new=False)
        draft, labels, number = draft_version(log, version)
        (envelope,) = sign_statements([draft], current_signer(workspace, log))
        index = writer.append([envelope], labels=dict.fromkeys(labels, 0))[0]
        return Version(record_at(log, index), version.name, number, new=True)


def draft_version(log: LogReader, version: NewVersion) -> tuple[Draft, tuple[str, ...], int]:
    """Return statement, labels and number of the next version of a name, to be appended.

    Args:
        log: held by its writer until then.
        version: what it is to be.
    """
    number = newest_version(log, DATA, version.name) + 1
    before = f"{DATA}/{version.name}@{number - 1}"
    found = [_labelled(log, label) for label in (before, *version.labels)]
    draft = _draft(version, number, [one.record for one in found if one is not None])
    return draft, (*version_labels(DATA, version.name, number), *version.labels), number


def licence_terms(
    workspace: Workspace, log: Log, what: str | None, *, own: bool
) -> tuple[str, Licence] | None:
    """Return record id and terms of a built-in licence or of a licence record, None for none.

    Args:
        workspace: where the log stands.
        log: opened for writing: a built-in licence becomes a record.
        what: SPDX id of a built-in licence, or reference to a record.
        own: of a built-in licence we are the licensor.

    Raises:
        NoSuchRecord: `what` names nothing.
        NoLicence: it names something else.
    """
    from diptych.app.verbs.model.license import terms_record

    if what is None:
        return None
    if what in PRESETS:
        terms = preset(what)
        return terms_record(workspace, log, terms, own=own), terms
    found = find_record(workspace, log, what)
    if found.statement.kind != "licence":
        raise NoLicence(
            f"record {found.index} is of kind '{found.statement.kind}', expected a licence",
            hint="diptych model license --help",
        )
    with open_licences(workspace, log) as licences:
        return found.record, licences.read(found).licence


def attribution_edge(text: str) -> Edge:
    """Return the edge of `NAME:role` or `NAME:role:share`.

    Raises:
        BadAttribution: it has another form.

    >>> attribution_edge("Hospital A:collector:0.5").extra["share"]
    '0.5'
    """
    parts = [part.strip() for part in text.split(":")]
    fits = len(parts) in {2, 3} and all(0 < len(part) <= 200 for part in parts)
    if not fits or (len(parts) == 3 and not _is_share(parts[2])):
        raise BadAttribution(
            f"got '{text[:200]}', expected NAME:role or NAME:role:share, for example "
            "'Hospital A:collector:0.5'"
        )
    extra: dict[str, JsonValue] = {"agent": parts[0], "role": parts[1]}
    if len(parts) == 3:
        extra["share"] = parts[2]
    return Edge("attributedTo", "", extra)


def _is_share(text: str) -> bool:
    whole, _, rest = text.partition(".")
    digits = whole + rest
    return digits.isascii() and digits.isdigit() and len(text) <= 20 and 0 <= float(text) <= 1


def _labelled(log: LogReader, label: str) -> Record | None:
    index = log.label(label)
    return None if index is None else record_at(log, index)


def _draft(version: NewVersion, number: int, earlier: Sequence[str]) -> Draft:
    supersedes = tuple(Edge("supersedes", record) for record in dict.fromkeys(earlier))
    fields = dict(version.draft.fields)
    if version.public_name:
        fields["asset"] = {"name": version.name, "version": number}
    return replace(version.draft, edges=(*version.draft.edges, *supersedes), fields=fields)
