"""Licences of the log: which one holds for a record, who has a grant, what may be done.

The registry finds the records and proves them under the log's signed root; those whose signature or
key does not hold do not count. What is not revoked or replaced holds as of the log's size.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from diptych.app.verbs.model.resolve import registry_of
from diptych.app.verbs.records import Record, record_at
from diptych.app.workspace import Workspace
from diptych.models.registry.logged import Logged
from diptych.models.registry.registry import Registry
from diptych.provenance.graph.extract import claimed_s
from diptych.provenance.licence import Agreement
from diptych.provenance.log import LogReader
from diptych.provenance.objects import object_bytes
from diptych_verify.errors import MalformedError
from diptych_verify.licence import MAX_LICENCE_BYTES, Licence, parse_licence
from diptych_verify.lineage import LICENCE
from diptych_verify.use import GRANT, grant_claim, licence_claim

LICENCE_LABEL = "licence"
"""Label of the newest licence record; a log without it has none, and need not be asked."""


@dataclass(frozen=True)
class Held:
    """A licence record and its terms.

    Attributes:
        record: where it stands in the log.
        licence: its terms.
        document: its bytes.
        digest: hex SHA-256 of the document.
        licensor: the signer gives it; else it is the one under which the asset was received.
        revoked_s: when it was taken back, None if it was not.
    """

    record: Record
    licence: Licence
    document: bytes
    digest: str
    licensor: bool
    revoked_s: int | None


@dataclass(frozen=True)
class Granted:
    """A grant, the licence it is given under, and whether it covers later versions."""

    record: Record
    agreement: Agreement
    under: Held
    later: bool


class Licences:
    """The licences of one opened log; `open_licences` makes it."""

    def __init__(self, workspace: Workspace, log: LogReader, registry: Registry) -> None:
        self._workspace = workspace
        self._registry = registry
        self.log = log

    def held(self, record: Record) -> Held | None:
        """Return the licence that holds: the newest given later, else what the record names.

        Raises:
            ObjectMissing: its document is not stored here.
            MalformedError: its record or document is malformed.
        """
        later = self._pointing(record, "used", LICENCE)
        if later:
            return self.read(later[-1])
        for edge in record.statement.edges:
            named = self._record(edge.record) if edge.relation == "licensedUnder" else None
            if named is not None and named.statement.kind == LICENCE:
                return self.read(named)
        return None

    def read(self, record: Record) -> Held:
        """Return a licence record with its terms.

        Raises:
            ObjectMissing: its document is not stored here.
            MalformedError: record or document is malformed.
        """
        claim = licence_claim(record.statement.predicate)
        digest = claim.digest.hex()
        raw = object_bytes(self._workspace.objects, digest, max_bytes=MAX_LICENCE_BYTES)
        revoked_s = self.revoked_s(record)
        return Held(record, parse_licence(raw), raw, digest, claim.licensor, revoked_s)

    def grants(self, record: Record) -> list[Granted]:
        """Return the grants for a record, those for earlier versions that cover it included."""
        found = self._grants_for(record)
        seen = {record.index}
        version = self._before(record)
        while version is not None and version.index not in seen:
            seen.add(version.index)
            found += [one for one in self._grants_for(version) if one.later]
            version = self._before(version)
        return found

    def revoked_s(self, record: Record) -> int | None:
        """Return the earliest time at which a record is said to be revoked, None if it is not."""
        times = [
            claimed_s(one.statement.time) for one in self._pointing(record, "revokes", "revocation")
        ]
        return min(times, default=None)

    def _grants_for(self, record: Record) -> list[Granted]:
        found = (self._granted(one) for one in self._pointing(record, "used", GRANT))
        return [one for one in found if one is not None]

    def _granted(self, record: Record) -> Granted | None:
        claim = grant_claim(record.statement.predicate)
        under = next(
            (
                named
                for edge in record.statement.edges
                if edge.relation == "licensedUnder"
                and (named := self._record(edge.record)) is not None
                and named.statement.kind == LICENCE
            ),
            None,
        )
        if under is None:
            return None
        agreement = Agreement(
            claim.licensee,
            claimed_s(record.statement.time),
            _seconds(claim.until),
            self.revoked_s(record),
            claim.actions,
            clause=f"grant {record.index}",
        )
        return Granted(record, agreement, self.read(under), claim.later)

    def _pointing(self, record: Record, relation: str, kind: str) -> list[Record]:
        """Return the records of a kind with such an edge to `record`, in log order."""
        found = self._registry.about(kind, record.record)
        return [_as_record(one) for one in found if record.record in one.targets(relation)]

    def _before(self, record: Record) -> Record | None:
        ids = [one.record for one in record.statement.edges if one.relation == "supersedes"]
        return self._record(ids[0]) if ids else None

    def _record(self, record_id: bytes | None) -> Record | None:
        index = None if record_id is None else self.log.find(record_id)
        found = None if index is None else record_at(self.log, index)
        return found if found is not None and bytes.fromhex(found.record) == record_id else None


@contextmanager
def open_licences(workspace: Workspace, log: LogReader) -> Iterator[Licences]:
    """Bring the registry up to the log and ask about licences."""
    yield Licences(workspace, log, registry_of(workspace, log))


def _as_record(one: Logged) -> Record:
    return Record(one.index, one.record, one.envelope, one.statement, one.signers)


def _seconds(time: str) -> int | None:
    if not time:
        return None
    try:
        return claimed_s(time)
    except ValueError:
        raise MalformedError(f"grant.until: got '{time[:40]}', expected an RFC 3339 time") from None
