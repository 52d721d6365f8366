"""Names of assets: `NAME`, `NAME@3`, `NAME:alias`, kept as labels of the log.

`data/NAME` and `model/NAME` point to the newest version, `data/NAME@3` to the third, and
`alias/NAME:production` to the alias record whose `used` edge names the version. Labels are a local
convenience, so what a record says of itself is held against the label that led to it.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from diptych.core.errors import ProvenanceError, UsageError
from diptych.provenance.graph.extract import version_claim
from diptych.provenance.log import LogReader
from diptych_verify.dsse import parse_envelope
from diptych_verify.statement import Statement, statement_of

DATA = "data"
MODEL = "model"
ALIAS_LABEL = "alias/"
NEWEST = "newest"
_SPACES = (DATA, MODEL)
_SHOWN = 200
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*(?:/[A-Za-z0-9][A-Za-z0-9._+-]*)*")
_MAX_NAME = 128
_VERSIONED = re.compile(rf"{_NAME.pattern}@[1-9][0-9]*")
_LIKE_OTHER = re.compile(r"[0-9]+|[0-9a-f]{64}")
_REFERENCE = re.compile(
    rf"(?:(?P<space>data|model)/)?(?P<name>{_NAME.pattern})"
    r"(?:@(?P<version>[1-9][0-9]{0,8}|newest)|:(?P<alias>[A-Za-z0-9][A-Za-z0-9._+-]{0,63}))?"
)


class BadAssetName(UsageError):
    """A name of data or of a model has characters, or a form, that would be ambiguous."""

    code = "Name.Bad"


class AmbiguousName(UsageError):
    """A reference fits two records, for example data and a model of one name."""

    code = "Name.Ambiguous"


class Mislabelled(ProvenanceError):
    """A label of the log leads to a record that says it is something else."""

    code = "Name.Mislabelled"


@dataclass(frozen=True)
class AssetReference:
    """A parsed reference; `space` is `data`, `model` or empty, `version` 0 means the newest."""

    space: str
    name: str
    version: int
    alias: str

    @classmethod
    def parse(cls, what: str) -> "AssetReference | None":
        """Return what a text names, None if it cannot be the name of an asset.

        >>> AssetReference.parse("patients@3")
        AssetReference(space='', name='patients', version=3, alias='')
        """
        match = _REFERENCE.fullmatch(what) if len(what) <= 2 * _MAX_NAME else None
        if match is None or _LIKE_OTHER.fullmatch(what):
            return None
        version = match["version"] or ""
        return cls(
            match["space"] or "",
            match["name"],
            int(version) if version.isdigit() else 0,
            match["alias"] or "",
        )


def require_name(name: str) -> None:
    """Refuse a name that could be taken for an index, a record id, a version or an alias.

    Raises:
        BadAssetName: saying what a name may hold.
    """
    plain = len(name) <= _MAX_NAME and _NAME.fullmatch(name) and not _LIKE_OTHER.fullmatch(name)
    if not plain or name.partition("/")[0] in _SPACES:
        raise BadAssetName(
            f"got the name '{name[:_SHOWN]}', expected at most {_MAX_NAME} letters, digits and "
            "'._+-/', beginning with a letter or digit, not a number",
            hint="give another name; for one made from a path, --name NAME",
        )


def version_labels(space: str, name: str, version: int) -> tuple[str, str]:
    """Return the two labels that a new version gets.

    >>> version_labels("data", "patients", 3)
    ('data/patients', 'data/patients@3')
    """
    return f"{space}/{name}", f"{space}/{name}@{version}"


def newest_version(log: LogReader, space: str, name: str, *, size: int | None = None) -> int:
    """Return the number of the newest version, 0 if there is none.

    Versions are numbered without gaps, so that a few look-ups find the last one.

    Args:
        log: the log.
        space: `data` or `model`.
        name: of the asset.
        size: records from this index on do not count.
    """

    def is_there(number: int) -> bool:
        index = log.label(f"{space}/{name}@{number}")
        return index is not None and (size is None or index < size)

    low, high = 0, 1
    while is_there(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if is_there(middle) else (low, middle)
    return low


def find_asset(log: LogReader, reference: AssetReference, *, size: int | None = None) -> int | None:
    """Return the index of the record that a reference names, None if there is none.

    Args:
        log: the log.
        reference: the parsed name.
        size: answer as of this log size: the newest version, and what an alias pointed to, then.

    Raises:
        AmbiguousName: data and a model have this name.
        Mislabelled: the label leads to a record that says something else.
    """
    if reference.alias:
        return _find_alias(log, reference, size)
    spaces = (reference.space,) if reference.space else _SPACES
    found = {space: _find_version(log, space, reference, size) for space in spaces}
    hits = {space: index for space, index in found.items() if index is not None}
    if len(hits) > 1:
        raise AmbiguousName(
            f"both data and a model are named '{reference.name}'",
            hint=f"write data/{reference.name} or model/{reference.name}",
        )
    return next(iter(hits.values()), None)


def local_names(log: LogReader, indexes: Collection[int]) -> dict[int, str]:
    """Return by index what this workspace calls versions of data whose records do not say it.

    A private seal hides its name; the label that `data add` gave it is known here alone. It is for
    eyes in this workspace: no bundle or export may carry it.

    Args:
        log: the log.
        indexes: of private seals.
    """
    if not indexes:
        return {}
    found: dict[int, str] = {}
    for label, index in log.labels_of(f"{DATA}/", indexes).items():
        name = label.partition("/")[2]
        if _VERSIONED.fullmatch(name):
            found.setdefault(index, name)
    return found


def step_back(log: LogReader, index: int, size: int) -> int | None:
    """Return the newest predecessor of a record below `size`, along its `supersedes` edges."""
    while index >= size:
        before = [
            found
            for edge in _statement(log, index).edges
            if edge.relation == "supersedes" and edge.record is not None
            if (found := log.find(edge.record)) is not None and found < index
        ]
        if not before:
            return None
        index = max(before)
    return index


def _find_version(
    log: LogReader, space: str, reference: AssetReference, size: int | None
) -> int | None:
    version = reference.version or newest_version(log, space, reference.name, size=size)
    label = f"{space}/{reference.name}@{version}"
    index = log.label(label) if version else None
    if index is None or (size is not None and index >= size):
        return None
    claim = version_claim(_statement(log, index))
    if claim is not None and claim != (space, reference.name, version):
        raise Mislabelled(
            f"the label '{label}' leads to record {index}, which says it is "
            f"{claim[0]}/{claim[1]}@{claim[2]}",
            hint="diptych restore BACKUP, or name the record by its index",
            index=index,
        )
    return index


def _find_alias(log: LogReader, reference: AssetReference, size: int | None) -> int | None:
    index = log.label(f"{ALIAS_LABEL}{reference.name}:{reference.alias}")
    if index is not None and size is not None:
        index = step_back(log, index, size)
    if index is None or reference.space == DATA:
        return None
    statement = _statement(log, index)
    claim = statement.predicate.get("alias")
    said = (claim.get("model"), claim.get("name")) if isinstance(claim, dict) else None
    if statement.kind != "alias" or said != (reference.name, reference.alias):
        raise Mislabelled(
            f"the label of {reference.name}:{reference.alias} leads to record {index}, which is "
            "no alias of that name",
            hint="diptych restore BACKUP, or name the record by its index",
            index=index,
        )
    for edge in statement.edges:
        if edge.relation == "used" and edge.record is not None:
            return log.find(edge.record)
    return None


def _statement(log: LogReader, index: int) -> Statement:
    return statement_of(parse_envelope(log.entry(index)))
