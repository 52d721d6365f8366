"""Attacks on the log: entries, heads, rollbacks, other histories."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial

from tests.model_attacks.scene import NOW, Case, World, load

from diptych.provenance.keys.key import Purpose
from diptych.provenance.statement import Draft, Subject, sign_statements
from diptych_verify.merkle import leaf_hash

EDITED = ("Model.HistoryEdited", "Log.Corrupt")


def history_cases() -> Iterator[Case]:
    """Yield attacks on the entries and heads in the database."""
    for label in ("model/tumour", "model/tumour@1", "alias/tumour:production"):
        yield _sql(f"{label}: a bit of the envelope", partial(_edit_entry, label))
    yield _sql("the data record altered", partial(_edit_entry, "path/train.csv"))
    yield _sql("two entries exchanged", _exchange_entries)
    yield _sql("an entry deleted", lambda c: c.execute("DELETE FROM entries WHERE idx=2"))
    yield _sql("an entry replaced by another", _repeat_entry)
    yield _sql("newest root altered", _edit_root)
    yield _sql("newest signature altered", _edit_signature, ("Verify.BadSignature",))
    yield Case(
        "history",
        "a revocation rewritten into a harmless record",
        partial(database, _overwrite_last),
        (*EDITED, "Verify.BadSignature"),
        use=lambda w: load(w, "tumour@1"),
        before=lambda w: w.book.models.revoke("other", reason="test"),
    )
    for name, change in (("an entry", _edit_old), ("an entry and its tile", _edit_old_and_tile)):
        yield Case(
            "history",
            f"{name} deep in a long log altered",
            partial(database, change),
            ("Model.HistoryEdited",),
            before=_lengthen,
        )
    yield from _rollback_cases()


def _rollback_cases() -> Iterator[Case]:
    seen = ("Log.Rollback", "Log.SplitView", "Verify.UntrustedKey", "Verify.RequirementUnmet")
    for name, attack in (
        ("cut back before what was seen", _rollback),
        ("another log put there", other_log),
    ):
        yield Case("rollback", name, attack, (*seen, "Model.Missing"), use=with_policy)
    yield Case(
        "rollback",
        "cut back before a revocation that a witness saw",
        partial(database, _drop_last),
        ("Log.Rollback",),
        before=_revoke_and_pin,
        use=lambda w: load(w, "other"),
    )
    yield Case(
        "rollback",
        "restored and continued otherwise",
        _fork,
        ("Log.SplitView", "Log.Rollback"),
        before=_publish_and_pin,
        use=lambda w: load(w, "other"),
    )


Sql = Callable[[sqlite3.Connection], object]


def _sql(name: str, change: Sql, codes: tuple[str, ...] = EDITED) -> Case:
    return Case("history", name, partial(database, change), codes)


def database(change: Sql, world: World) -> None:
    with closing(sqlite3.connect(world.home / "log.sqlite")) as connection, connection:
        change(connection)


def _edit_entry(label: str, connection: sqlite3.Connection) -> None:
    (index,) = connection.execute("SELECT idx FROM labels WHERE name=?", (label,)).fetchone()
    (raw,) = connection.execute("SELECT envelope FROM entries WHERE idx=?", (index,)).fetchone()
    changed = bytearray(raw)
    changed[40] ^= 1
    connection.execute("UPDATE entries SET envelope=? WHERE idx=?", (bytes(changed), index))


def _exchange_entries(connection: sqlite3.Connection) -> None:
    rows = dict(connection.execute("SELECT idx, envelope FROM entries"))
    connection.execute("UPDATE entries SET envelope=? WHERE idx=1", (rows[2],))
    connection.execute("UPDATE entries SET envelope=? WHERE idx=2", (rows[1],))


def _repeat_entry(connection: sqlite3.Connection) -> None:
    connection.execute(
        "UPDATE entries SET envelope=(SELECT envelope FROM entries WHERE idx=2) WHERE idx=3"
    )


def _edit_root(connection: sqlite3.Connection) -> None:
    connection.execute(
        "UPDATE entries SET root=? WHERE idx=(SELECT max(idx) FROM entries)", (bytes(32),)
    )


def _edit_signature(connection: sqlite3.Connection) -> None:
    connection.execute(
        "UPDATE entries SET signature=? WHERE idx=(SELECT max(idx) FROM entries)", (bytes(64),)
    )


def _overwrite_last(connection: sqlite3.Connection) -> None:
    connection.execute(
        "UPDATE entries SET envelope=(SELECT envelope FROM entries WHERE idx=1) "
        "WHERE idx=(SELECT max(idx) FROM entries)"
    )


def _drop_last(connection: sqlite3.Connection) -> None:
    (last,) = connection.execute("SELECT max(idx) FROM entries").fetchone()
    connection.execute("DELETE FROM entries WHERE idx=?", (last,))
    connection.execute("DELETE FROM labels WHERE idx>=?", (last,))


def _lengthen(world: World) -> None:
    """Fill a whole tile of the log, so that the entries before it are no longer at its edge."""
    keyid = world.book.keys.files(Purpose.STATEMENT)[0].keyid
    signer = world.book.keys.statement_signer(keyid)
    drafts = [
        Draft("note", (Subject(f"note {n}", {"sha256": f"{n:064x}"}),), NOW) for n in range(600)
    ]
    envelopes = sign_statements(drafts, signer)
    with world.book.write_log() as log, log.writer(world.book.lease_terms()) as writer:
        writer.append(envelopes)


def _edit_old(connection: sqlite3.Connection) -> None:
    """Exchange the move of the alias by a copy of its first move."""
    connection.execute(
        "UPDATE entries SET envelope=(SELECT envelope FROM entries WHERE idx=3) WHERE idx=5"
    )


def _edit_old_and_tile(connection: sqlite3.Connection) -> None:
    _edit_old(connection)
    (raw,) = connection.execute("SELECT envelope FROM entries WHERE idx=5").fetchone()
    (body,) = connection.execute("SELECT body FROM tiles WHERE id=0").fetchone()
    changed = body[: 5 * 32] + leaf_hash(raw) + body[6 * 32 :]
    connection.execute("UPDATE tiles SET body=? WHERE id=0", (changed,))


def with_policy(world: World) -> object:
    return load(world, policy=world.policy)


def _rollback(world: World) -> None:
    def cut(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM entries WHERE idx>=6")
        connection.execute("DELETE FROM labels WHERE idx>=6")
        connection.execute("UPDATE labels SET idx=5 WHERE name='alias/tumour:production'")

    database(cut, world)


def other_log(world: World) -> None:
    """Put in place a workspace that somebody made anew, under the same names."""
    from tests.model_attacks.scene import open_book

    other = world.folder.parent / "other"
    book = open_book(other)
    shutil.copytree(world.folder / "model", other / "model")
    book.models.publish("model", "tumour")
    book.models.alias("tumour", "production")
    shutil.rmtree(world.home)
    shutil.copytree(other / ".diptych", world.home)


def _revoke_and_pin(world: World) -> None:
    world.book.models.revoke("tumour", reason="bad data")
    _pin(world)


def _publish_and_pin(world: World) -> None:
    world.book.models.publish("first", "third")
    _pin(world)


def _pin(world: World) -> None:
    with world.book.write_log() as log:
        log.pin(log.head(), by="witness")


def _fork(world: World) -> None:
    database(_drop_last, world)
    (world.home / "pins.json").rename(world.home / "aside.json")
    world.book.models.publish("first", "fourth")
    (world.home / "aside.json").rename(world.home / "pins.json")
