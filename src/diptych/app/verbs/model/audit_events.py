"""The records that belong to the history of a model, in log order."""

from collections.abc import Iterator

from diptych.app.verbs.model.usage import LABEL as USAGE_LABEL
from diptych.app.verbs.records import Record, record_at
from diptych.models.registry.registry import Registry
from diptych.provenance.log import LogReader
from diptych_verify.statement import Statement

MAX_EVENTS = 5_000
_SOURCES = ("trainedOn", "testedOn", "fineTunedFrom", "generated", "checkedBy", "licensedUnder")
_ABOUT = ("approval", "revocation", "licence", "grant")


def model_records(log: LogReader, registry: Registry, name: str) -> list[Record]:
    """Return versions, alias moves, verdicts, terms, runs, data, checks and usage totals.

    Args:
        log: the log.
        registry: caught up with it.
        name: of the model.
    """
    found = _Found(log, registry)
    for version in registry.versions(name).values():
        found.take_about(version.index, version.record, _ABOUT)
        for index in _linked(log, version.statement, _SOURCES):
            found.take_about(index, record_at(log, index).record, ("revocation",))
    for alias in registry.aliases(name):
        for move in registry.moves(name, alias):
            found.take(move.index)
    found.take_chain(log.label(USAGE_LABEL))
    return found.in_order()


class _Found:
    """Records by their place in the log, each once."""

    def __init__(self, log: LogReader, registry: Registry) -> None:
        self._log = log
        self._registry = registry
        self._records: dict[int, Record] = {}

    def take(self, index: int) -> bool:
        """Take a record; False if it was taken before, or there are too many."""
        if index in self._records or len(self._records) >= MAX_EVENTS:
            return False
        self._records[index] = record_at(self._log, index)
        return True

    def take_about(self, index: int, record: str, kinds: tuple[str, ...]) -> None:
        """Take a record and those of some kinds that point to it."""
        self.take(index)
        for kind in kinds:
            for one in self._registry.about(kind, record):
                self.take(one.index)

    def take_chain(self, index: int | None) -> None:
        """Take a record and all that it supersedes."""
        while index is not None and self.take(index):
            index = next(_linked(self._log, self._records[index].statement, ("supersedes",)), None)

    def in_order(self) -> list[Record]:
        """Return them in log order."""
        return [self._records[index] for index in sorted(self._records)]


def _linked(log: LogReader, statement: Statement, relations: tuple[str, ...]) -> Iterator[int]:
    for edge in statement.edges:
        if edge.relation in relations and edge.record is not None:
            index = log.find(edge.record)
            if index is not None:
                yield index


def describe(statement: Statement) -> str:
    """Return in one line what a record says, from its public part alone."""
    said = statement.predicate.get(statement.kind)
    members = said if isinstance(said, dict) else {}
    shown = [
        f"{key} {value}"
        for key in _SHOWN
        if isinstance(value := members.get(key), str | int) and str(value)
    ]
    names = statement.subjects[0].name
    return f"{names}: {', '.join(shown)}"[:500] if shown else names[:500]


_SHOWN = (
    *("version", "format", "activity", "status", "name", "verdict", "role", "reason", "spdx"),
    *("licensee", "until", "count", "units", "licensees", "from", "to"),
)
