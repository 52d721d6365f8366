"""Attacks on aliases, labels, keys, revocations and approvals, insiders included."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from functools import partial

from tests.model_attacks.histories import Sql, database, other_log, with_policy
from tests.model_attacks.scene import NOW, Case, World, load

from diptych.app.verbs.keys import add_key, revoke_key, rotate_key
from diptych.app.verbs.records import record_at
from diptych.models.registry.drafts import alias_draft
from diptych.provenance.keys.key import Purpose
from diptych.provenance.keys.signer import Ed25519Signer, Signer
from diptych.provenance.statement import Draft, sign_statements

MOVED = ("Model.LabelMoved",)


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
        other_log,
        ("Verify.UntrustedKey", "Model.Missing"),
        use=with_policy,
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
    yield from _approval_cases()


def _approval_cases() -> Iterator[Case]:
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


def _label(name: str, change: Sql) -> Case:
    return Case("alias", name, partial(database, change), MOVED, use=_load_both)


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
    database(lambda c: c.execute("DELETE FROM labels WHERE name LIKE 'key/revoke/%'"), world)


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
