"""Which version an alias named at a given time: exactly one answer, and what it rests on.

The order of moves is the log's. The time of a move is its signer's claim; a move that claims an
earlier time than the one before it took effect when that one did, so that the order is kept.
Tree heads of known time (anchors, time stamps) bound a move from outside.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from diptych.core.errors import JsonValue
from diptych.models.registry.registry import Registry


@dataclass(frozen=True)
class Seen:
    """Somebody outside saw the log at this size at this time (RFC 3339); `by` names who."""

    size: int
    time: str
    by: str


@dataclass(frozen=True)
class AliasMove:
    """One move of an alias.

    Attributes:
        index: of the alias record.
        record: its hex id.
        version: that it points to from then on; None if it points nowhere any more.
        model_record: hex id of that version's record, empty if there is none.
        claimed: time that its signer claims.
        effective: time from which it counts, never before the move before it.
        signers: key ids.
        not_before: the log was seen without this move at that time.
        not_after: the log was seen with it at that time.
        seen_by: who saw the latter.
    """

    index: int
    record: str
    version: int | None
    model_record: str
    claimed: str
    effective: str
    signers: tuple[str, ...]
    not_before: str = ""
    not_after: str = ""
    seen_by: str = ""

    def to_json(self) -> dict[str, JsonValue]:
        """Return the move as `--json` prints it."""
        return {**vars(self), "signers": list(self.signers)}

    def basis(self) -> str:
        """Say in words what its time rests on."""
        if self.not_after:
            begin = f"between {self.not_before} and" if self.not_before else "at the latest"
            return f"{begin} {self.not_after} by {self.seen_by}; its signer claims {self.claimed}"
        return f"{self.claimed} on its signer's word; nothing outside the log bounds it"


def alias_history(
    registry: Registry, name: str, alias: str, seen: Iterable[Seen] = ()
) -> tuple[AliasMove, ...]:
    """Return every move of an alias, in the order of the log.

    Args:
        registry: caught up.
        name: of the model.
        alias: its alias.
        seen: when the log was seen at which size, any order.
    """
    history: list[AliasMove] = []
    effective = ""
    ordered = sorted(seen, key=lambda one: one.size)
    for logged in registry.moves(name, alias):
        claimed = logged.statement.time
        effective = max(effective, claimed)
        found = [registry.record(record) for record in logged.targets("used")]
        target = found[0] if found else None
        claim = target.statement.model if target is not None else None
        move = AliasMove(
            index=logged.index,
            record=logged.record,
            version=None if claim is None else claim.version,
            model_record="" if target is None else target.record,
            claimed=claimed,
            effective=effective,
            signers=logged.signers,
        )
        history.append(_bounded(move, ordered))
    return tuple(history)


def in_force(history: Sequence[AliasMove], at: str) -> AliasMove | None:
    """Return the move that decided at a time (RFC 3339, UTC), None before the first one."""
    count = bisect_right([move.effective for move in history], at)
    return history[count - 1] if count else None


def _bounded(move: AliasMove, seen: Sequence[Seen]) -> AliasMove:
    before = [one for one in seen if one.size <= move.index]
    after = [one for one in seen if one.size > move.index]
    return replace(
        move,
        not_before=max((one.time for one in before), default=""),
        not_after=after[0].time if after else "",
        seen_by=after[0].by if after else "",
    )
