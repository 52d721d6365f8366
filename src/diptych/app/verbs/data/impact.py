"""`data impact`: which models ever saw this file, version, row, or this person's rows?"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from diptych.app.verbs.data.content import VersionFiles, file_digests, version_files
from diptych.app.verbs.data.finders import find_in_tables
from diptych.app.verbs.data.sought_row import BadRow, sought_row
from diptych.app.verbs.lineage import judge_records, opened_graph
from diptych.app.verbs.records import NoSuchRecord, find_record
from diptych.app.workspace import Workspace
from diptych.core.errors import DiptychError, JsonValue, UsageError
from diptych.data.tables import Cell
from diptych.data.tables.seeking import Sought, SoughtSubject
from diptych.provenance.graph.files import catch_up_files, records_with
from diptych.provenance.graph.graph import Graph
from diptych.provenance.graph.states import Judged
from diptych.provenance.graph.terms import TESTED, Direction
from diptych.provenance.graph.walking import Walked, WalkOptions, walk
from diptych.provenance.log import Log

_DIGEST = re.compile(r"[0-9a-f]{64}")
_LIMIT = 100_000
_SHOWN_SKIPPED = 20


class NotSealed(UsageError):
    """A file is in no version of this log that could be looked into."""

    code = "Impact.NotSealed"


@dataclass(frozen=True)
class Looking:
    """What to look for.

    Attributes:
        within: reference to the version in which `what` is the path of a file.
        subject: True if `what` is a person or thing named in tables.
        column: column of public tables that names subjects; None compares every cell.
        row: True if `what` is a whole row of a table.
    """

    within: str | None = None
    subject: bool = False
    column: str | None = None
    row: bool = False


@dataclass(frozen=True)
class Reached:
    """A record that content reached.

    Attributes:
        judged: its verification state.
        name: `NAME@version` where it has one.
        hops: steps from the nearest version that holds what was looked for.
        via: log indexes on one shortest way, from there to here.
        tested_only: True if every way leads through a test.
    """

    judged: Judged
    hops: int
    via: tuple[int, ...]
    tested_only: bool

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `--json` shows."""
        statement = self.judged.statement
        return {
            "index": self.judged.index,
            "record": self.judged.record.hex(),
            "kind": None if statement is None else statement.kind,
            "name": self.judged.name,
            "state": self.judged.state.value,
            "hops": self.hops,
            "via": list(self.via),
            "tested_only": self.tested_only,
        }


@dataclass(frozen=True)
class Impact:
    """Where content is, and where it went.

    Attributes:
        found: records that hold it.
        models: models that it reached, nearest first.
        others: how many other records it reached, by kind.
        skipped: what could not be looked into, and why.
        size: of the log that was asked.
        truncated: True if there were more records than could be followed.
    """

    found: tuple[Judged, ...]
    models: tuple[Reached, ...]
    others: Mapping[str, int]
    size: int
    skipped: tuple[str, ...] = field(default=())
    truncated: bool = False

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych data impact --json` shows."""
        return {
            "found": [
                {"index": one.index, "name": one.name, "state": one.state.value}
                for one in self.found
            ],
            "models": [one.to_json() for one in self.models],
            "others": dict(self.others),
            "skipped": list(self.skipped),
            "log_size": self.size,
            "truncated": self.truncated,
        }


def impact(
    workspace: Workspace, what: str | Mapping[str, Cell], how: Looking | None = None
) -> Impact:
    """Return the models that content reached, over all versions that hold it.

    Args:
        workspace: where the log stands.
        what: a file, the SHA-256 or BLAKE3 of one, a reference to a version, the path of a file
            within a version, a subject, or a row (see `sought_row`); `how` says which.
        how: what to look for.

    Raises:
        NotSealed: no version holds the file.
        NoSuchRecord: `what` names nothing.
        BadRow: it is no row, or asks for two things at once.
        KeyLocked: private tables are to be looked into and nothing unlocks the private key.
    """
    how = how or Looking()
    if (how.row or not isinstance(what, str)) and (how.subject or how.within or how.column):
        raise BadRow("got a row together with another question", hint="ask one after the other")
    with opened_graph(workspace) as opened:
        log, graph = opened
        starts, skipped = _starts(workspace, opened, what, how)
        if not starts:
            return Impact((), (), {}, log.size, skipped)

        every, trained = graph.ask(log, lambda graph: _walks(graph, starts, log.size))
        kinds = {index: node.kind for index, node in graph.nodes(every.hops).items()}
        models = [index for index, kind in kinds.items() if kind == "model"]
        judged = judge_records(workspace, opened, {*models, *starts})
        ways = {**_ways(every), **_ways(trained)}
        reached = [
            Reached(judged[index], len(ways[index]) - 1, ways[index], index not in trained.hops)
            for index in models
        ]
        others = Counter(kinds[index] for index in kinds if every.hops[index])
        del others["model"]
        return Impact(
            found=tuple(judged[index] for index in sorted(starts)),
            models=tuple(sorted(reached, key=lambda one: (one.hops, one.judged.index))),
            others=dict(sorted(others.items())),
            skipped=skipped,
            size=log.size,
            truncated=every.truncated,
        )


def _walks(graph: Graph, starts: set[int], size: int) -> tuple[Walked, Walked]:
    """Walk down from some records: along everything, and along all but tests."""
    first = sorted({graph.first_index(index) for index in starts})
    every = WalkOptions(Direction.DOWN, limit=_LIMIT)
    trained = replace(every, without=frozenset({TESTED}))
    return (
        walk(graph, *first, size=size, options=every),
        walk(graph, *first, size=size, options=trained),
    )


def _starts(
    workspace: Workspace,
    opened: tuple[Log, Graph],
    what: str | Mapping[str, Cell],
    how: Looking,
) -> tuple[set[int], tuple[str, ...]]:
    if how.row or not isinstance(what, str):
        return _in_tables(workspace, opened, sought_row(workspace, what), "row")
    if how.subject:
        return _in_tables(workspace, opened, SoughtSubject(what, how.column), "subject")
    log = opened[0]
    if how.within is None and not (workspace.start / what).is_file():
        try:
            return {find_record(workspace, log, what).index}, ()
        except NoSuchRecord:
            if _DIGEST.fullmatch(what) is None:
                raise
        digests = {bytes.fromhex(what)}
    elif how.within is not None:
        digests = _digest_within(workspace, log, what, how.within)
    else:
        digests = set(file_digests(workspace.start / what).values())
    return _holding(workspace, opened, digests, what)


def _digest_within(workspace: Workspace, log: Log, path: str, within: str) -> set[bytes]:
    record = find_record(workspace, log, within)
    with version_files(workspace, record) as files:
        entry = files.find(path)
    if entry is None:
        raise NotSealed(
            f"record {record.index} seals no file '{path[:200]}'", hint="diptych data show"
        )
    return set(entry.digests)


def _holding(
    workspace: Workspace, opened: tuple[Log, Graph], digests: set[bytes], what: str
) -> tuple[set[int], tuple[str, ...]]:
    """Return the records that seal a file of these digests, publicly or privately."""
    log, graph = opened
    caught = catch_up_files(graph.connection, workspace.objects, progress=workspace.progress)
    skipped = [f"{caught.unreadable} manifests are not kept here"] if caught.unreadable else []
    found: set[int] = set()
    for digest in digests:
        found.update(records_with(graph.connection, digest, size=log.size))
    for index in graph.of_kind("private", size=log.size):
        try:
            record = find_record(workspace, log, f"#{index}")
            with version_files(workspace, record) as files:
                if _holds(files, digests):
                    found.add(index)
        except DiptychError as error:
            skipped.append(f"record {index} (private): {error.message} [{error.code}]")
    if not found:
        raise NotSealed(
            f"no version holds '{what[:200]}' as it is now"
            + (f"; not looked into: {'; '.join(skipped[:3])}" if skipped else ""),
            hint="diptych data impact PATH --in NAME@1 asks about a file as it was sealed",
        )
    return found, _shown(skipped)


def _holds(files: VersionFiles, digests: Iterable[bytes]) -> bool:
    wanted = set(digests)
    return any(not wanted.isdisjoint(entry.digests) for entry in files.entries())


def _in_tables(
    workspace: Workspace, opened: tuple[Log, Graph], sought: Sought, word: str
) -> tuple[set[int], tuple[str, ...]]:
    log, graph = opened
    indexes = [
        index
        for kind in ("private", "dataset", "readings")
        for index in graph.of_kind(kind, size=log.size)
    ]
    found: set[int] = set()
    skipped: list[str] = []
    for hits in find_in_tables(workspace, log, indexes, sought):
        found.update(hits.records)
        skipped += [
            f"record {index}: rows were erased, so whether it held this {word} cannot be told"
            for index in hits.untold
        ]
        skipped += hits.skipped
    return found, _shown(skipped)


def _shown(skipped: Sequence[str]) -> tuple[str, ...]:
    """Return the first reasons and how many more there are, so that none is left out silently."""
    more = len(skipped) - _SHOWN_SKIPPED
    return (*skipped[:_SHOWN_SKIPPED], *([f"and {more:,} more"] if more > 0 else []))


def _ways(walked: Walked) -> dict[int, tuple[int, ...]]:
    """Return one shortest way to every record, the start first."""
    before: dict[int, int] = {}
    for edge in walked.edges:
        if edge.target is None or walked.hops[edge.source] != walked.hops[edge.target] - 1:
            continue
        before.setdefault(edge.source, edge.target)
    ways: dict[int, tuple[int, ...]] = {}
    for index in sorted(walked.hops, key=lambda one: -walked.hops[one]):
        ways[index] = (*ways.get(before.get(index, -1), ()), index)
    return ways
