"""The registry of one log: versions, aliases, approvals and revocations, each judged.

A record counts if its signature verifies and its key was valid at its index. Records that do not
count are passed over, so that an old key cannot move anything; a label that still leads to one of
them is a label that was moved behind the log's back.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeGuard

from diptych.core.errors import VerificationError
from diptych.core.progress import ProgressFactory, silent
from diptych.models.errors import HistoryEdited, LabelMoved, NoSuchModel
from diptych.models.registry.index import KEYS, NAMES, Parts, Place
from diptych.models.registry.logged import Logged
from diptych.models.registry.proven import ProvenEntries
from diptych.models.registry.scan import LogScan
from diptych.provenance.log import LogReader
from diptych_verify.dsse import verify_envelope
from diptych_verify.keys import KeyHistory, KeyRecord, judge_keys
from diptych_verify.statement import ModelClaim

MODEL_LABEL = "model/"
ALIAS_LABEL = "alias/"


@dataclass(frozen=True)
class Resolved:
    """A model record that a reference names, and the alias record that led to it, if any."""

    logged: Logged
    claim: ModelClaim
    alias: str = ""
    event: Logged | None = None


class Registry:
    """A view of one log that catches up; `catch_up` before use.

    The index says where records stand; each is read from the log when it is asked for, and its
    place under the signed root is proven before it is believed.

    Args:
        scan: how far the log was read, and the index.
    """

    def __init__(self, scan: LogScan | None = None) -> None:
        self.scan = scan or LogScan()
        self.keys = KeyHistory()
        self._key_records = 0
        self._entries: ProvenEntries | None = None
        self._counts: dict[str, bool] = {}

    @property
    def size(self) -> int:
        """Size of the log as of which this view holds."""
        return self.scan.size if self._entries is None else self._entries.size

    def catch_up(self, log: LogReader, *, progress: ProgressFactory = silent) -> None:
        """Read what was appended since.

        Raises:
            HistoryEdited: the entries do not give the signed root.
            BadSignature: the newest head or a key record is not signed as it says.
            UntrustedKey: the key records contradict each other.
        """
        self.scan.read(log, progress=progress)
        held = {} if self._entries is None else self._entries.held
        self._entries = ProvenEntries(log, self.scan.size, self.scan.root, held)
        indexes = self._find(KEYS)
        if len(indexes) > self._key_records:
            self.keys = judge_keys([self._key_record(index) for index in indexes])
            self._key_records = len(indexes)

    def names(self) -> list[str]:
        """Return the names of all models, sorted."""
        names = sorted(self._listed(NAMES, _model_name))
        return [name for name in names if next(self.resolved_of(name), None) is not None]

    def resolved(self) -> Iterator[Resolved]:
        """Yield every version of every model, by name and the newest version first."""
        for name in sorted(self._listed(NAMES, _model_name)):
            yield from self.resolved_of(name)

    def resolved_of(self, name: str) -> Iterator[Resolved]:
        """Yield every version of a model, the newest first."""
        found = (self._first(name, indexes) for indexes in self._numbers(name).values())
        return (self._resolved(one) for one in found if one is not None)

    def versions(self, name: str) -> dict[int, Logged]:
        """Return the records of a model that count, by version; the first of a number decides."""
        return {one.claim.version: one.logged for one in self.resolved_of(name)}

    def aliases(self, name: str) -> list[str]:
        """Return every alias that a model ever had, sorted."""
        return sorted(self._listed(("aliases", name), _alias_name(name)))

    def moves(self, name: str, alias: str) -> list[Logged]:
        """Return the alias records that count, in log order."""
        indexes = self._find(("alias", name, alias))
        return [one for one in map(self._at, indexes) if self._moves(one, name, alias)]

    def last_move(self, name: str, alias: str) -> Logged | None:
        """Return the newest alias record that counts, None if there is none."""
        newest = map(self._at, reversed(self._find(("alias", name, alias))))
        return next((one for one in newest if self._moves(one, name, alias)), None)

    def record(self, record: str) -> Logged | None:
        """Return a registry record by its hex id."""
        found = (self._at(index) for index in self._find(("record", record)))
        return next((one for one in found if one is not None and one.record == record), None)

    def revocation(self, record: str) -> Logged | None:
        """Return the first record that revokes another and counts."""
        return next(self.about("revocation", record), None)

    def about(self, kind: str, record: str) -> Iterator[Logged]:
        """Yield the records of a kind that point to another and count, in log order."""
        for index in self._find((kind, record)):
            one = self._at(index)
            if one is None or one.statement.kind != kind:
                continue
            if record in one.about() and self.counts(one):
                yield one

    def approvals(self, record: str) -> dict[str, Logged]:
        """Return the newest approval that counts, by role."""
        found = {}
        for one in self.about("approval", record):
            said = one.statement.predicate.get("approval")
            if isinstance(said, dict) and isinstance(said.get("role"), str):
                found[str(said["role"])] = one
        return found

    def counts(self, logged: Logged) -> bool:
        """Tell whether a record's signatures verify under keys valid at its index."""
        if logged.record not in self._counts:
            try:
                self.require(logged)
            except VerificationError:
                self._counts[logged.record] = False
            else:
                self._counts[logged.record] = True
        return self._counts[logged.record]

    def require(self, logged: Logged) -> None:
        """Insist that a record counts.

        Raises:
            BadSignature: a signature does not verify.
            UntrustedKey: a key was not valid at the record's index.
        """
        verify_envelope(logged.envelope)
        for keyid in logged.signers:
            self.keys.require(keyid, logged.index)

    def newest(self, name: str) -> Resolved:
        """Return the newest version of a model.

        Raises:
            NoSuchModel: there is no model of that name.
        """
        newest = next(self.resolved_of(name), None)
        if newest is None:
            raise NoSuchModel(f"there is no model '{name}'", hint="diptych model list")
        return newest

    def version(self, name: str, number: int) -> Resolved:
        """Return one version of a model.

        Raises:
            NoSuchModel: there is none of that number.
        """
        found = self._first(name, self._numbers(name).get(number, ()))
        if found is None:
            known = ", ".join(map(str, sorted(self.versions(name)))) or "none"
            raise NoSuchModel(
                f"got {name}@{number}, expected one of the versions: {known}",
                hint="diptych model list",
            )
        return self._resolved(found)

    def alias(self, name: str, alias: str) -> Resolved:
        """Return the version that an alias points to now.

        Raises:
            NoSuchModel: there is no such alias, or it points nowhere any more.
        """
        move = self.last_move(name, alias)
        targets = move.targets("used") if move else []
        target = self.record(targets[0]) if len(targets) == 1 else None
        if move is not None and not targets:
            raise NoSuchModel(
                f"{name}:{alias} points to no version since record {move.index}",
                hint=f"diptych model alias {name} {alias}",
            )
        if move is None or target is None or target.statement.model is None:
            known = ", ".join(self.aliases(name)) or "none"
            raise NoSuchModel(
                f"got {name}:{alias}, expected one of the aliases: {known}",
                hint="diptych model alias NAME ALIAS sets one",
            )
        if target.statement.model.name != name:
            raise NoSuchModel(f"{name}:{alias} leads to a version of another model")
        return Resolved(target, target.statement.model, alias, move)

    def model_record(self, record: str) -> Resolved | None:
        """Return a model record by its hex id, None if it is no model."""
        logged = self.record(record)
        if logged is None or logged.statement.model is None:
            return None
        return self._resolved(logged)

    def require_labels(self, log: LogReader, found: Resolved) -> None:
        """Hold the log's labels against the records.

        Raises:
            LabelMoved: a label leads elsewhere than the signed records say.
        """
        for label, index in self._labels(found):
            labelled = log.label(label)
            if labelled != index:
                leads = "is missing" if labelled is None else f"leads to record {labelled}"
                raise LabelMoved(
                    f"the label '{label}' {leads}, but by the signed records it is {index}",
                    hint="somebody wrote the database; diptych restore BACKUP, or move it in "
                    "a signed record: diptych model alias",
                    label=label,
                )

    def _labels(self, found: Resolved) -> Iterable[tuple[str, int]]:
        name, number = found.claim.name, found.claim.version
        newest = next(self.resolved_of(name), None)
        first = self._first(name, self._numbers(name).get(number, ()))
        if newest is not None and first is not None:
            yield f"{MODEL_LABEL}{name}", newest.logged.index
            yield f"{MODEL_LABEL}{name}@{number}", first.index
        if found.event is not None:
            yield f"{ALIAS_LABEL}{name}:{found.alias}", found.event.index

    def _find(self, parts: Parts) -> list[int]:
        return [place.index for place in self._places(parts)]

    def _places(self, parts: Parts) -> Iterator[Place]:
        """Yield what the index knows below the size of this view."""
        return (place for place in self.scan.index.find(parts) if place.index < self.size)

    def _numbers(self, name: str) -> dict[int, list[int]]:
        """Return by version where records that claim it stand, the newest version first."""
        found: dict[int, list[int]] = {}
        for place in self._places(("model", name)):
            found.setdefault(place.number, []).append(place.index)
        return {number: found[number] for number in sorted(found, reverse=True)}

    def _first(self, name: str, indexes: Iterable[int]) -> Logged | None:
        """Return the first record of a model that counts, of those of one version."""
        for one in map(self._at, indexes):
            claim = None if one is None else one.statement.model
            if one is not None and claim is not None and claim.name == name and self.counts(one):
                return one
        return None

    def _moves(self, one: Logged | None, name: str, alias: str) -> TypeGuard[Logged]:
        return one is not None and one.moved_alias() == (name, alias) and self.counts(one)

    def _listed(self, parts: Parts, named: Callable[[Logged], str | None]) -> set[str]:
        found = map(self._at, self._find(parts))
        names = (named(one) for one in found if one is not None)
        return {name for name in names if name is not None}

    def _key_record(self, index: int) -> KeyRecord:
        logged = self._at(index)
        claim = None if logged is None else logged.statement.key
        if logged is None or claim is None:
            raise HistoryEdited(f"entry {index} is no key record any more", index=index)
        verify_envelope(logged.envelope)
        return KeyRecord(index, claim, logged.signers)

    def _at(self, index: int) -> Logged | None:
        return None if self._entries is None else self._entries.at(index)

    @staticmethod
    def _resolved(logged: Logged) -> Resolved:
        claim = logged.statement.model
        assert claim is not None
        return Resolved(logged, claim)


def _model_name(logged: Logged) -> str | None:
    return None if logged.statement.model is None else logged.statement.model.name


def _alias_name(model: str) -> Callable[[Logged], str | None]:
    def named(logged: Logged) -> str | None:
        moved = logged.moved_alias()
        return moved[1] if moved is not None and moved[0] == model else None

    return named
