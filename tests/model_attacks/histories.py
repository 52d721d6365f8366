"""Attacks on card, log, labels, keys and approvals, by a thief of the database and by insiders."""

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial

from tests.model_attacks.scene import NOW, Case, World, load
from tests.model_attacks.weights_and_store import object_path

from diptych.app.verbs.keys import add_key, revoke_key, rotate_key
from diptych.app.verbs.records import record_at
from diptych.models.registry.drafts import alias_draft
from diptych.provenance.keys.key import Purpose
from diptych.provenance.keys.signer import Ed25519Signer, Signer
from diptych.provenance.statement import Draft, Subject, sign_statements
from diptych_verify.merkle import leaf_hash

EDITED = ("Model.HistoryEdited", "Log.Corrupt")
MOVED = ("Model.LabelMoved",)


def card_cases() -> Iterator[Case]:
    """Yield attacks on the stored card."""
    for name, change in (
        ("a better metric", lambda card: card["metrics"][0].update(value=0.99, high=0.995)),
        ("limits removed", lambda card: card.update(limits=[])),
        ("another intended use", lambda card: card.update(intended_use="diagnosis")),
        ("a more generous licence", lambda card: card.update(licence="MIT")),
        ("a contributor added", lambda card: card["contributors"].append(_MALLORY)),
        ("other digests", lambda card: card.update(manifest="0" * 64)),
    ):
        yield Case("card", name, partial(_edit_card, change), ("Model.CardMismatch",))
    yield Case("card", "the card of version 1", _card_of_first, ("Model.CardMismatch",))
    yield Case("card", "removed", _remove_card, ("Object.Missing",))
    yield Case("card", "not a card", _no_card, ("Model.CardMismatch",))


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
        partial(_database, _overwrite_last),
        (*EDITED, "Verify.BadSignature"),
        use=lambda w: load(w, "tumour@1"),
        before=lambda w: w.book.models.revoke("other", reason="test"),
    )
    for name, change in (("an entry", _edit_old), ("an entry and its tile", _edit_old_and_tile)):
        yield Case(
            "history",
            f"{name} deep in a long log altered",
            partial(_database, change),
            ("Model.HistoryEdited",),
            before=_lengthen,
        )
    seen = ("Log.Rollback", "Log.SplitView", "Verify.UntrustedKey", "Verify.RequirementUnmet")
    for name, attack in (
        ("cut back before what was seen", _rollback),
        ("another log put there", _other_log),
    ):
        yield Case("rollback", name, attack, (*seen, "Model.Missing"), use=_with_policy)
    yield Case(
        "rollback",
        "cut back before a revocation that a witness saw",
        partial(_database, _drop_last),
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


def alias_cases() -> Iterator[Case]:
    """Yield attacks on aliases and labels."""
    move = "UPDATE labels SET idx=(SELECT idx FROM labels WHERE name=?) WHERE name=?"
    for source, target in (
        ("alias/other:production", "alias/tumour:production"),
        ("model/tumour@1", "model/tumour"),
        ("model/tumour@1", "model/tumour@2"),
        ("model/other", "model/tumour"),
        ("path/train.csv", "alias/tumour:production"),
    ):
        change = partial(lambda a, b, c: c.execute(move, (a, b)), source, target)
        yield _label(f"{target} leads to {source}", change)
    yield _label("alias leads to its first move", _first_move)
    yield _label("alias label deleted", partial(_delete_label, "alias/tumour:production"))
    yield _label("version label deleted", partial(_delete_label, "model/tumour@2"))
    yield _label("label beyond the log", partial(_set_label, "alias/tumour:production", 10_000))
    yield Case("alias", "moved by a revoked key", _move_with(_revoked), MOVED)
    yield Case("alias", "moved by a replaced key", _move_with(_rotated), MOVED)
    yield Case("alias", "moved by an unknown key", _move_with(_unknown), MOVED)
    yield Case("alias", "leads to a version of another model", _cross_alias, ("Model.Missing",))
    yield Case(
        "alias",
        "ended",
        lambda w: w.book.models.end_alias("tumour", "production"),
        ("Model.Missing",),
        twin=lambda w: w.book.models.end_alias("other", "production"),
    )


def key_cases() -> Iterator[Case]:
    """Yield attacks with keys that must not sign."""
    for name, who in (("revoked", "_r"), ("replaced", "_o"), ("unknown", "_u")):
        maker = {"_r": _revoked, "_o": _rotated, "_u": _unknown}[who]
        yield Case("key", f"a version signed by a key that is {name}", _version_with(maker), MOVED)
        yield Case(
            "key",
            f"the record itself, signed by a key that is {name}",
            _version_with(maker),
            ("Verify.UntrustedKey", "Model.Missing"),
            use=_newest_record,
            twin=lambda w: w.book.models.publish("first", "tumour", card={"summary": "new"}),
        )
    yield Case("key", "the revocation's label deleted", _hide_revocation, MOVED)
    yield Case("key", "a signature of another record", _foreign_signature, MOVED)
    yield Case(
        "key",
        "everything regenerated with other keys",
        _other_log,
        ("Verify.UntrustedKey", "Model.Missing"),
        use=_with_policy,
    )


def verdict_cases() -> Iterator[Case]:
    """Yield revocations, rejections and missing approvals."""
    revoked = ("Model.Revoked",)
    yield _said("revocation", "the version", "revoke", "tumour", revoked, reason="bad data")
    yield Case(
        "revocation",
        "the version, by record id and after an approval",
        _revoke_and_approve,
        revoked,
        twin=lambda w: w.book.models.approve("tumour", role="medical"),
    )
    yield Case(
        "revocation",
        "an alias may not be moved to it",
        lambda w: w.book.models.revoke("tumour@1", reason="bad"),
        revoked,
        use=lambda w: w.book.models.alias("tumour@1", "production"),
        twin=lambda w: w.book.models.revoke("other", reason="bad"),
    )
    rejected = ("Model.NotApproved",)
    yield _said(
        "approval", "rejected", "approve", "tumour", rejected, role="medical", verdict="rejected"
    )
    yield Case(
        "approval",
        "rejected after an approval",
        _reject_later,
        rejected,
        twin=lambda w: w.book.models.approve("tumour", role="medical"),
    )
    yield Case(
        "approval",
        "of another version only",
        lambda w: w.book.models.approve("tumour@1", role="medical"),
        rejected,
        use=lambda w: load(w, approvals=("medical",)),
        twin=lambda w: w.book.models.approve("tumour@2", role="medical"),
    )
    yield Case(
        "approval",
        "in another role",
        lambda w: w.book.models.approve("tumour", role="legal"),
        rejected,
        use=lambda w: load(w, approvals=("medical",)),
        twin=lambda w: w.book.models.approve("tumour", role="medical"),
    )
    yield Case(
        "approval",
        "by a revoked key",
        _approve_with_revoked,
        rejected,
        use=lambda w: load(w, approvals=("medical",)),
        twin=lambda w: w.book.models.approve("tumour", role="medical"),
    )


_MALLORY = {"name": "Mallory", "role": "owner", "share": "0.5"}
Sql = Callable[[sqlite3.Connection], object]


def _sql(name: str, change: Sql, codes: tuple[str, ...] = EDITED) -> Case:
    return Case("history", name, partial(_database, change), codes)


def _label(name: str, change: Sql) -> Case:
    return Case("alias", name, partial(_database, change), MOVED, use=_load_both)


def _load_both(world: World) -> object:
    return load(world), load(world, "tumour"), load(world, "tumour@2")


def _said(kind: str, name: str, verb: str, what: str, codes: tuple[str, ...], **said: str) -> Case:
    return Case(
        kind,
        name,
        lambda w: getattr(w.book.models, verb)(what, **said),
        codes,
        twin=lambda w: getattr(w.book.models, verb)("other", **said),
    )


def _database(change: Sql, world: World) -> None:
    with closing(sqlite3.connect(world.home / "log.sqlite")) as connection, connection:
        change(connection)


def _edit_card(change: Callable[[dict[str, object]], object], world: World) -> None:
    path = object_path(world, _card_name(world, "model/tumour"))
    card = json.loads(path.read_bytes())
    change(card)
    path.chmod(0o644)
    path.write_text(json.dumps(card, sort_keys=True, separators=(",", ":")))


def _card_name(world: World, label: str) -> str:
    with world.book.read_log() as log:
        index = log.label(label)
        assert index is not None
        claim = record_at(log, index).statement.model
        assert claim is not None
        return claim.card.hex()


def _card_of_first(world: World) -> None:
    path = object_path(world, _card_name(world, "model/tumour"))
    path.chmod(0o644)
    shutil.copyfile(object_path(world, _card_name(world, "model/tumour@1")), path)


def _remove_card(world: World) -> None:
    object_path(world, _card_name(world, "model/tumour")).unlink()


def _no_card(world: World) -> None:
    path = object_path(world, _card_name(world, "model/tumour"))
    path.chmod(0o644)
    path.write_bytes(b"{}")


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


def _with_policy(world: World) -> object:
    return load(world, policy=world.policy)


def _rollback(world: World) -> None:
    def cut(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM entries WHERE idx>=6")
        connection.execute("DELETE FROM labels WHERE idx>=6")
        connection.execute("UPDATE labels SET idx=5 WHERE name='alias/tumour:production'")

    _database(cut, world)


def _other_log(world: World) -> None:
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
    _database(_drop_last, world)
    (world.home / "pins.json").rename(world.home / "aside.json")
    world.book.models.publish("first", "fourth")
    (world.home / "aside.json").rename(world.home / "pins.json")


def _first_move(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE labels SET idx=3 WHERE name='alias/tumour:production'")


def _delete_label(name: str, connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM labels WHERE name=?", (name,))


def _set_label(name: str, index: int, connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE labels SET idx=? WHERE name=?", (index, name))


def _revoked(world: World) -> Signer:
    keyid, _ = add_key(world.book, keyid=None, algorithm="ed25519")
    signer = world.book.keys.statement_signer(keyid)
    revoke_key(world.book, keyid)
    return signer


def _rotated(world: World) -> Signer:
    (old,) = (file.keyid for file in world.book.keys.files(Purpose.STATEMENT))
    signer = world.book.keys.statement_signer(old)
    rotate_key(world.book, algorithm="ed25519")
    return signer


def _unknown(world: World) -> Signer:
    return Ed25519Signer(bytes(range(32)))


def _append(world: World, draft: Draft, signer: Signer, labels: tuple[str, ...]) -> None:
    """Append as an insider with the log's key does, past every check of the verbs."""
    (envelope,) = sign_statements([draft], signer)
    with world.book.write_log() as log, log.writer(world.book.lease_terms()) as writer:
        writer.append([envelope], labels=dict.fromkeys(labels, 0))


def _move_with(make: Callable[[World], Signer]) -> Callable[[World], object]:
    def attack(world: World) -> None:
        signer = make(world)
        _append(world, _move(world, "model/tumour@1"), signer, ("alias/tumour:production",))

    return attack


def _move(world: World, label: str) -> Draft:
    with world.book.read_log() as log:
        target, before = log.label(label), log.label("alias/tumour:production")
        assert target is not None
        assert before is not None
        return alias_draft(
            "tumour",
            "production",
            target=record_at(log, target).record,
            before=record_at(log, before).record,
            time_s=NOW,
        )


def _cross_alias(world: World) -> None:
    keyid = world.book.keys.files(Purpose.STATEMENT)[0].keyid
    signer = world.book.keys.statement_signer(keyid)
    _append(world, _move(world, "model/other"), signer, ("alias/tumour:production",))


def _version_with(make: Callable[[World], Signer]) -> Callable[[World], object]:
    def attack(world: World) -> None:
        signer = make(world)
        _append(world, _next_version(world), signer, ("model/tumour", "model/tumour@3"))

    return attack


def _next_version(world: World) -> Draft:
    from diptych.app.verbs.model.prepare import Publishing, prepare_model
    from diptych.app.verbs.model.publish import draft_version

    prepared = prepare_model(world.book, world.folder / "first", Publishing("tumour"))
    with world.book.read_log() as log:
        return draft_version(world.book, log, prepared).draft


def _newest_record(world: World) -> object:
    with world.book.read_log() as log:
        what = str(log.size - 1)
    return load(world, what)


def _hide_revocation(world: World) -> None:
    signer = _revoked(world)
    _append(world, _next_version(world), signer, ("model/tumour", "model/tumour@3"))
    _database(lambda c: c.execute("DELETE FROM labels WHERE name LIKE 'key/revoke/%'"), world)


def _foreign_signature(world: World) -> None:
    keyid = world.book.keys.files(Purpose.STATEMENT)[0].keyid
    signer = world.book.keys.statement_signer(keyid)
    (good,) = sign_statements([_move(world, "model/tumour@1")], signer)
    (other,) = sign_statements([_move(world, "model/other")], signer)
    forged = json.loads(good)
    forged["signatures"] = json.loads(other)["signatures"]
    raw = json.dumps(forged, sort_keys=True, separators=(",", ":")).encode()
    with world.book.write_log() as log, log.writer(world.book.lease_terms()) as writer:
        writer.append([raw], labels={"alias/tumour:production": 0})


def _revoke_and_approve(world: World) -> None:
    with world.book.read_log() as log:
        index = log.label("model/tumour")
        assert index is not None
        record = record_at(log, index).record
    world.book.models.revoke(record, reason="bad data")
    world.book.models.approve("tumour", role="medical")


def _reject_later(world: World) -> None:
    world.book.models.approve("tumour", role="medical")
    world.book.models.approve("tumour", role="medical", verdict="rejected")


def _approve_with_revoked(world: World) -> None:
    from diptych.models.registry.drafts import approval_draft

    with world.book.read_log() as log:
        index = log.label("model/tumour")
        assert index is not None
        record = record_at(log, index).record
    draft = approval_draft(
        ("tumour", record), verdict="approved", role="medical", reason="", time_s=NOW
    )
    _append(world, draft, _revoked(world), ())
