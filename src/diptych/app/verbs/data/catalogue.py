"""`data catalogue`: data sets, terms, grants, accesses and erasures as a static public site."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from diptych.app.verbs.lineage import endings_of, opened_graph
from diptych.app.verbs.records import Record, find_record, record_at
from diptych.app.web.catalogue import CatalogueData, CatalogueEntry, catalogue_page, title_of
from diptych.app.workspace import Workspace
from diptych.core.canonical import canonical_json
from diptych.core.errors import JsonValue, UsageError
from diptych.core.files import make_folder, write_durably, write_error
from diptych.provenance.bundle.closure import key_record_indexes
from diptych.provenance.graph import Graph
from diptych.provenance.graph.states import EndedBy
from diptych.provenance.graph.walking import EDGES_PER_NODE
from diptych.provenance.log import Log, LogReader, export_tiles
from diptych.provenance.objects import ObjectMissing, object_bytes
from diptych_verify.errors import MalformedError
from diptych_verify.licence import MAX_LICENCE_BYTES
from diptych_verify.merkle import leaf_hash
from diptych_verify.statement import RELATIONS

ASSETS = frozenset({"dataset", "private", "model"})
RELATED = frozenset(
    [
        *("licence", "grant", "share", "access", "erased", "quality"),
        *("revocation", "approval", "readings"),
    ]
)
MAX_ENTRIES = 5_000
_INDEX = "index.html"
_DATA = "catalogue.json"


class TooManyEntries(UsageError):
    """A page would hold more entries than a browser can check in good time."""

    code = "Catalogue.TooMany"


class ForeignFolder(UsageError):
    """The folder holds something that is no catalogue."""

    code = "Catalogue.ForeignFolder"


class NothingToShow(UsageError):
    """The log holds no data set or model that could be shown."""

    code = "Catalogue.Empty"


@dataclass(frozen=True)
class CatalogueMade:
    """A catalogue that was written: asset versions, entries, and the log size that it shows."""

    folder: str
    assets: int
    entries: int
    size: int

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych data catalogue --json` shows."""
        return dict(vars(self))


def make_catalogue(
    workspace: Workspace, folder: Path, *, only: Sequence[str] = (), title: str = "Data catalogue"
) -> CatalogueMade:
    """Write the catalogue; an earlier one in the folder is brought up to date.

    It shows what records say, and records hold no personal data; the whole log is exported beside
    it.

    Args:
        workspace: where the log stands.
        folder: to make or to update.
        only: references to what is to be shown; by default every data set and model.
        title: of the page.

    Raises:
        NothingToShow: there is none.
        TooManyEntries: there are more than 5,000 entries.
        ForeignFolder: the folder holds something else.
    """
    target = workspace.start / folder
    if target.exists() and any(target.iterdir()) and not (target / _DATA).exists():
        raise ForeignFolder(f"{folder} is not empty and holds no catalogue", hint="--to NEW_FOLDER")
    with opened_graph(workspace) as (log, graph):
        wanted = {find_record(workspace, log, one).index for one in only}
        data = collect(workspace, (log, graph), wanted)
        page = catalogue_page(data, title).encode()
        try:
            make_folder(target)
        except OSError as error:
            raise write_error(target, error) from error
        export_tiles(log, target / "log")
        write_durably(target / _DATA, canonical_json(data.to_json()) + b"\n")
        write_durably(target / _INDEX, page)
        size = log.size
    entries = sum(len(found) for _, found in data.assets)
    return CatalogueMade(str(folder), len(data.assets), entries, size)


def collect(workspace: Workspace, opened: tuple[Log, Graph], wanted: set[int]) -> CatalogueData:
    """Collect assets and what concerns them, each with its proof."""
    log = opened[0]
    groups = _groups(log, wanted, _concerned(workspace, opened, wanted))
    count = sum(len(group) for group in groups)
    if not groups:
        raise NothingToShow("there is no data set or model to show", hint="diptych data add PATH")
    _require_few(count)
    size = log.size
    assets = [
        (
            title_of(group[0]),
            tuple(
                CatalogueEntry(one, tuple(log.inclusion_proof(one.index, size))) for one in group
            ),
        )
        for group in groups
    ]
    signers = {keyid for group in groups for one in group for keyid in one.signers}
    keys = [
        CatalogueEntry(record_at(log, index), tuple(log.inclusion_proof(index, size)))
        for index in key_record_indexes(log, signers, size=size)
    ]
    licences = _licences(workspace, [one for group in groups for one in group])
    return CatalogueData(str(log.key), log.checkpoint(), assets, keys, licences)


def _concerned(workspace: Workspace, opened: tuple[Log, Graph], wanted: set[int]) -> Iterable[int]:
    """Return the indexes of assets, of all that concerns them, and of their terms, in log order."""
    log, graph = opened
    ended_by = endings_of(workspace, log, log.size)

    def ask(graph: Graph) -> set[int]:
        found = set(wanted)
        if not wanted:
            found = {index for kind in ASSETS for index in graph.of_kind(kind, size=log.size)}
        frontier = found
        while frontier:
            _require_few(len(found))
            frontier = _beside(log, graph, frontier, ended_by) - found
            found |= frontier
        return found

    return sorted(graph.ask(log, ask))


def _beside(log: Log, graph: Graph, indexes: set[int], ended_by: EndedBy) -> set[int]:
    room = EDGES_PER_NODE * MAX_ENTRIES
    listed = sorted(indexes)
    to = graph.edges_to(listed, RELATIONS, size=log.size, limit=room)
    terms = graph.edges_from(listed, ("licensedUnder",), size=log.size, limit=room)
    ends = {edge.source for edge in to} | {edge.target for edge in terms if edge.target is not None}
    related = {index for index, node in graph.nodes(ends).items() if node.kind in RELATED}
    return related.union(*(ended_by(leaf_hash(log.entry(index))) for index in listed))


def _require_few(count: int) -> None:
    if count > MAX_ENTRIES:
        raise TooManyEntries(
            f"got {count} entries, expected at most {MAX_ENTRIES}",
            hint="name what to show: diptych data catalogue REF --to FOLDER",
        )


def _groups(log: LogReader, wanted: set[int], indexes: Iterable[int]) -> list[list[Record]]:
    """Group records by the asset that they concern, newest asset first.

    A record that concerns a record of a group belongs to it too: the access of a share, the
    revocation of a licence. Terms that several share stand with each of them.
    """
    groups: dict[str, list[Record]] = {}
    owners: dict[str, set[str]] = {}
    terms: dict[str, Record] = {}
    for index in indexes:
        record = _readable(log, index)
        if record is None:
            continue
        kind = record.statement.kind
        if kind in ASSETS and (not wanted or index in wanted):
            groups[record.record] = [record]
            owners[record.record] = {record.record}
        if kind == "licence":
            terms[record.record] = record
        _join(groups, owners, terms, record)
    return [groups[one] for one in reversed(groups)]


def _join(
    groups: dict[str, list[Record]],
    owners: dict[str, set[str]],
    terms: dict[str, Record],
    record: Record,
) -> None:
    ends = {
        edge.record.hex(): edge.relation
        for edge in record.statement.edges
        if edge.record is not None
    }
    kind = record.statement.kind
    found = {one for end in ends for one in owners.get(end, ())} if kind in RELATED else set()
    own = owners.get(record.record, set())
    for owner in found | own:
        named = [terms[end] for end, rel in ends.items() if rel == "licensedUnder" and end in terms]
        added = named if owner in own else [*named, record]
        known = {one.index for one in groups[owner]}
        groups[owner] += [one for one in added if one.index not in known]
        for one in added:
            owners.setdefault(one.record, set()).add(owner)


def _readable(log: LogReader, index: int) -> Record | None:
    try:
        return record_at(log, index)
    except MalformedError:
        return None


def _licences(workspace: Workspace, records: Sequence[Record]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for record in records:
        claim = record.statement.predicate.get("licence")
        digest = claim.get("digest") if isinstance(claim, dict) else None
        if not isinstance(digest, str):
            continue
        try:
            raw = object_bytes(workspace.objects, digest, max_bytes=MAX_LICENCE_BYTES)
            json.loads(raw)
        except (ObjectMissing, ValueError):
            continue
        found[digest] = raw
    return found
