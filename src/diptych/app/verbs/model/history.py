"""Which version was in production on 3 March? One answer, and what its time rests on."""

import re

from diptych.app.verbs.anchors import read_anchors
from diptych.app.verbs.model.resolve import registry_of
from diptych.app.workspace import Workspace
from diptych.core.clock import iso_utc
from diptych.core.errors import UsageError
from diptych.models.errors import NoSuchModel
from diptych.models.registry.history import AliasMove, Seen, alias_history, in_force

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_EMBEDDED = range(0x0D1D_0000_0000, 0x0D1E_0000_0000)


class BadTime(UsageError):
    """A time is neither a date nor a UTC time like 2026-03-03T12:00:00Z."""

    code = "Model.BadTime"


def history(workspace: Workspace, name: str, alias: str) -> tuple[AliasMove, ...]:
    """Return every move of an alias in log order, with what bounds its time.

    Raises:
        NoSuchModel: there never was such an alias.
        HistoryEdited: an entry of the log was edited.
    """
    with workspace.read_log() as log:
        log.check()
        registry = registry_of(workspace, log)
        found = alias_history(registry, name, alias, _seen(workspace))
        if found:
            return found
        known = ", ".join(registry.aliases(name)) or "none"
    raise NoSuchModel(
        f"got {name}:{alias}, expected one of the aliases: {known}",
        hint="diptych model list",
    )


def at_time(workspace: Workspace, name: str, alias: str, at: str) -> AliasMove | None:
    """Return the move that decided at a time; a date means its end, UTC.

    Raises:
        BadTime: `at` is neither a date nor a UTC time.
        NoSuchModel: there never was such an alias.
    """
    return in_force(history(workspace, name, alias), moment(at))


def moment(at: str) -> str:
    """Return a date or time as RFC 3339 in UTC; a date means its last second.

    Raises:
        BadTime: it is neither.

    >>> moment("2026-03-03")
    '2026-03-03T23:59:59Z'
    """
    from datetime import datetime

    whole = f"{at}T23:59:59Z" if _DATE.fullmatch(at) else at
    try:
        datetime.fromisoformat(whole)
    except ValueError:
        whole = ""
    if _TIME.fullmatch(whole) is None:
        raise BadTime(f"got '{at[:80]}', expected 2026-03-03 or 2026-03-03T12:00:00Z")
    return whole


def _seen(workspace: Workspace) -> list[Seen]:
    """Return when a chain saw the log; time of an embedded chain counts for nothing."""
    return [
        Seen(anchor.size, iso_utc(anchor.time_s), f"chain {anchor.proof.chain_id}")
        for anchor in read_anchors(workspace)
        if anchor.proof.chain_id not in _EMBEDDED
    ]
