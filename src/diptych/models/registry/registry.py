"""The registry of one log: versions, aliases, approvals and revocations, each judged.

A record counts if its signature verifies and its key was valid at its index. Records that do not
count are passed over, so that an old key cannot move anything; a label that still leads to one of
them is a label that was moved behind the log's back.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from diptych.core.errors import VerificationError
from diptych.models.errors import LabelMoved, NoSuchModel
from diptych.models.registry.scan import Logged, LogScan
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


@dataclass
class Registry:
    """A view of one log that catches up; `catch_up` before use.

    Attributes:
        scan: what was read so far.
        keys: which statement key is valid at which index.
    """

    scan: LogScan = field(default_factory=LogScan)
    keys: KeyHistory = field(default_factory=KeyHistory)
    _key_records: list[KeyRecord] = field(default_factory=list)
    _records: dict[str, Logged] = field(default_factory=dict)
    _models: dict[str, list[Logged]] = field(default_factory=dict)
    _aliases: dict[tuple[str, str], list[Logged]] = field(default_factory=dict)
    _about: dict[tuple[str, str], list[Logged]] = field(default_factory=dict)
    _counts: dict[str, bool] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Size of the log as of which this view holds."""
        return self.scan.size

    def catch_up(self, log: LogReader) -> None:
        """Read what was appended since.

        Raises:
            HistoryEdited: the entries do not give the signed root.
            BadSignature: the newest head or a key record is not signed as it says.
            UntrustedKey: the key records contradict each other.
        """
        found = self.scan.read(log)
        for logged in found:
            self._add(logged)
        if any(logged.statement.kind == "key" for logged in found):
            self.keys = judge_keys(self._key_records)

    def names(self) -> list[str]:
        """Return the names of all models, sorted."""
        return sorted(name for name in self._models if self.versions(name))

    def versions(self, name: str) -> dict[int, Logged]:
        """Return the records of a model that count, by version; the first of a number decides."""
        found: dict[int, Logged] = {}
        for logged in self._models.get(name, []):
            claim = logged.statement.model
            if claim is not None and claim.version not in found and self.counts(logged):
                found[claim.version] = logged
        return found

    def aliases(self, name: str) -> list[str]:
        """Return every alias that a model ever had, sorted."""
        return sorted(alias for model, alias in self._aliases if model == name)

    def moves(self, name: str, alias: str) -> list[Logged]:
        """Return the alias records that count, in log order."""
        return [one for one in self._aliases.get((name, alias), []) if self.counts(one)]

    def record(self, record: str) -> Logged | None:
        """Return a registry record by its hex id."""
        return self._records.get(record)

    def revocation(self, record: str) -> Logged | None:
        """Return the first record that revokes another and counts."""
        return next(self.about("revocation", record), None)

    def about(self, kind: str, record: str) -> Iterator[Logged]:
        """Yield the records of a kind that point to another and count, in log order."""
        return (one for one in self._about.get((kind, record), []) if self.counts(one))

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
        versions = self.versions(name)
        if not versions:
            raise NoSuchModel(f"there is no model '{name}'", hint="diptych model list")
        return self._resolved(versions[max(versions)])

    def version(self, name: str, number: int) -> Resolved:
        """Return one version of a model.

        Raises:
            NoSuchModel: there is none of that number.
        """
        versions = self.versions(name)
        if number not in versions:
            known = ", ".join(map(str, sorted(versions))) or "none"
            raise NoSuchModel(
                f"got {name}@{number}, expected one of the versions: {known}",
                hint="diptych model list",
            )
        return self._resolved(versions[number])

    def alias(self, name: str, alias: str) -> Resolved:
        """Return the version that an alias points to now.

        Raises:
            NoSuchModel: there is no such alias, or it points nowhere any more.
        """
        moves = self.moves(name, alias)
        targets = moves[-1].targets("used") if moves else []
        target = self.record(targets[0]) if len(targets) == 1 else None
        if target is None or target.statement.model is None:
            known = ", ".join(self.aliases(name)) or "none"
            raise NoSuchModel(
                f"got {name}:{alias}, expected one of the aliases: {known}",
                hint="diptych model alias NAME ALIAS sets one",
            )
        if target.statement.model.name != name:
            raise NoSuchModel(f"{name}:{alias} leads to a version of another model")
        return Resolved(target, target.statement.model, alias, moves[-1])

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
        name = found.claim.name
        versions = self.versions(name)
        if found.claim.version in versions:
            yield f"{MODEL_LABEL}{name}", versions[max(versions)].index
            number = found.claim.version
            yield f"{MODEL_LABEL}{name}@{number}", versions[number].index
        if found.event is not None:
            yield f"{ALIAS_LABEL}{name}:{found.alias}", found.event.index

    def _add(self, logged: Logged) -> None:
        statement = logged.statement
        self._records[logged.record] = logged
        if statement.key is not None:
            verify_envelope(logged.envelope)
            self._key_records.append(KeyRecord(logged.index, statement.key, logged.signers))
        elif statement.model is not None:
            self._models.setdefault(statement.model.name, []).append(logged)
        elif statement.kind == "alias":
            self._add_alias(logged, statement.predicate.get("alias"))
        for relation in ("used", "revokes"):
            for target in logged.targets(relation):
                self._about.setdefault((statement.kind, target), []).append(logged)

    def _add_alias(self, logged: Logged, said: object) -> None:
        if isinstance(said, Mapping):
            model, name = said.get("model"), said.get("name")
            if isinstance(model, str) and isinstance(name, str):
                self._aliases.setdefault((model, name), []).append(logged)

    @staticmethod
    def _resolved(logged: Logged) -> Resolved:
        claim = logged.statement.model
        assert claim is not None
        return Resolved(logged, claim)
