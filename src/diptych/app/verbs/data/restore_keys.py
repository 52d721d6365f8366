"""Bring data keys back from their backup without bringing back anything that was erased.

Every erasure that the log knows is applied to the keys in memory, before any of them is kept.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from diptych.app.verbs.data.key_backups import KeyBackup, read_key_backup
from diptych.app.verbs.data.later_erasures import (
    ForeignKeys,
    Later,
    from_before_a_restore,
    newer_log,
    require_known,
)
from diptych.app.verbs.erasures import all_erasures
from diptych.app.verbs.private import private_store
from diptych.app.workspace import Workspace
from diptych.core.clock import iso_utc
from diptych.core.errors import JsonValue, UsageError
from diptych.provenance.log import LogReader
from diptych.provenance.private import erase_private
from diptych.provenance.private.errors import PrivateMissing
from diptych.provenance.private.table import DataKeys, TableStore
from diptych.provenance.private.table.restoring import Adopted, Gone, adopt_keys, scrub_keys
from diptych_verify.dsse import parse_envelope
from diptych_verify.merkle import leaf_hash
from diptych_verify.statement import statement_of

Erasures = dict[bytes, Gone]


class StaleKeys(UsageError):
    """A backup of keys has outlived its retention: it could bring erased data back."""

    code = "KeyBackup.Stale"


@dataclass(frozen=True)
class KeysBack:
    """What came back: seals and subjects that were missing; rows that stayed erased.

    Attributes:
        log_size: records that were asked what was erased; of later ones nothing is known.
    """

    seals: int
    subjects: int
    erased_again: int
    log_size: int

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych data keys restore --json` shows."""
        return {
            "seals": self.seals,
            "subjects": self.subjects,
            "erased_again": self.erased_again,
            "log_size": self.log_size,
        }


def restore_keys(
    workspace: Workspace, source: Path, *, stale: bool = False, later: Later | None = None
) -> KeysBack:
    """Add the keys of a backup that are missing here, but none of anything erased.

    Args:
        workspace: whose log knows what was erased.
        source: file that `back_up_keys` wrote.
        stale: take it although its retention is over.
        later: what is known of erasures after the end of the log; needed where the log itself was
            restored since the keys were copied.

    Raises:
        BadKeyBackup: the file is none, or damaged.
        ForeignKeys: it, or the newer log, belongs to another log.
        StaleKeys: its retention is over.
        UnknownErasures: the log was restored, and nothing is said about later erasures.
        KeyLocked: the private key cannot be unlocked.
    """
    header, stores = read_key_backup(workspace.start / source)
    later = later or Later()
    with workspace.read_log() as log:
        if header.origin != log.origin:
            raise ForeignKeys(f"{source} holds keys of {header.origin}, expected {log.origin}")
        if not stale:
            require_fresh(workspace, header)
        if from_before_a_restore(workspace, header):
            require_known(header, later)
        gone, size = known_erasures(workspace, log, later)
    refused = {root for root, one in gone.items() if one.runs is None}
    seals = again = 0
    adopted = Adopted()
    if "private.sqlite" in stores:
        with private_store(workspace) as private:
            seals = private.adopt(stores["private.sqlite"], refused=refused)
    if "datakeys.sqlite" in stores:
        adopted = _adopt_tables(workspace, stores["datakeys.sqlite"], gone)
        again = adopted.dropped
    return KeysBack(seals + adopted.tables, adopted.subjects, again, size)


def require_fresh(workspace: Workspace, header: KeyBackup) -> None:
    """Refuse a key backup whose time is over.

    Raises:
        StaleKeys: saying what it could bring back.
    """
    if header.ends_s < workspace.clock():
        raise StaleKeys(
            f"{header.path} was to be deleted by {iso_utc(header.ends_s)}: it brings back every "
            f"key of {iso_utc(header.made_s)}, and what was erased after record {header.size - 1} "
            "is known only as far as the log here goes",
            hint="take a newer one; --stale takes it nevertheless",
        )


def scrub(workspace: Workspace, later: Later) -> int:
    """Apply all known erasures to the private stores as they are; return how many had an effect.

    Raises:
        ForeignKeys: the newer log is a copy of another log.
        KeyLocked: the private key cannot be unlocked.
        EraseIncomplete: another process keeps old pages alive.
    """
    with workspace.read_log() as log:
        gone, _ = known_erasures(workspace, log, later)
    if not gone:
        return 0
    count = 0
    folder, key = workspace.place.private, workspace.keys.private_key()
    if (folder / "datakeys.sqlite").exists() or (folder / "tables.sqlite").exists():
        with closing(DataKeys(folder, key)) as keys, closing(TableStore(folder)) as tables:
            count += scrub_keys(keys, tables, gone)
    if (folder / "private.sqlite").exists():
        with private_store(workspace) as private:
            whole = {root for root, one in gone.items() if one.runs is None}
            for root in whole.intersection(private.roots()):
                erase_private(root, workspace.objects, private)
                count += 1
    return count


def known_erasures(workspace: Workspace, log: LogReader, later: Later) -> tuple[Erasures, int]:
    """Return everything that a log, or a longer copy of it, says was erased, and its size.

    Raises:
        ForeignKeys: the newer log is no longer copy of this one.
    """
    if later.log is None:
        return _erasures(log.entries), log.size
    with newer_log(workspace.start / later.log, log, workspace.progress) as newer:
        return _erasures(newer.entries), newer.size


def _erasures(entries: Callable[[], Iterator[bytes]]) -> Erasures:
    """Return what was erased by private root."""
    roots: dict[str, tuple[bytes, int]] = {}
    for raw in entries():
        statement = statement_of(parse_envelope(raw))
        if statement.private is not None:
            table = statement.predicate.get("table")
            width = table.get("width") if isinstance(table, dict) else 1
            known = width if isinstance(width, int) and 0 < width <= 1 << 20 else 1
            roots[leaf_hash(raw).hex()] = (statement.private.root, known)
    found: Erasures = {}
    for record, claim in all_erasures(entries()):
        if record in roots:
            root, width = roots[record]
            before = found.get(root, Gone((), width)).runs
            both = None if before is None or claim.runs is None else (*before, *claim.runs)
            found[root] = Gone(both, width)
    return found


def _adopt_tables(workspace: Workspace, content: bytes, gone: Erasures) -> Adopted:
    folder, key = workspace.place.private, workspace.keys.private_key()
    with closing(DataKeys.from_bytes(content, key)) as copy, closing(DataKeys(folder, key)) as live:
        return adopt_keys(live, copy, {**gone, **_unlogged(workspace, live, gone)})


def _unlogged(workspace: Workspace, live: DataKeys, gone: Erasures) -> Erasures:
    """Return erasures that were cut off before their record, with those that have one."""
    if not (workspace.place.private / "tables.sqlite").exists():
        return {}
    found: Erasures = {}
    with closing(TableStore(workspace.place.private)) as tables:
        for root in live.roots():
            try:
                entry = tables.find(root)
            except PrivateMissing:
                continue
            blocks = [one.block for one in tables.erased(entry.id, unlogged=True)]
            before = gone.get(root)
            if blocks and before is not None and before.runs is not None:
                runs = ((block * before.width, before.width) for block in blocks)
                found[root] = Gone((*before.runs, *runs), before.width)
            elif blocks and before is None:
                found[root] = Gone(tuple((block, 1) for block in blocks), 1)
    return found
