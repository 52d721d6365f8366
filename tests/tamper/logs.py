"""Attacks on the log, by a thief of the database and by an insider who holds every key."""

import functools
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from tests.golden.make import Case as Golden
from tests.golden.world import log_signer, seed
from tests.tamper.scene import Attack, Scene, read

from diptych.core.canonical import canonical_json
from diptych.provenance.bundle.build import BundleRequest, assemble_bundle
from diptych.provenance.bundle.dump import dump_bundle
from diptych.provenance.keys.signer import Ed25519Signer
from diptych.provenance.log import Log
from diptych.provenance.statement import Draft, Subject, sign_statements
from diptych_verify.bundle import parse_bundle
from diptych_verify.note import Checkpoint

ALICE = Ed25519Signer(seed("alice"))
Damage = Callable[[sqlite3.Connection], object]


def log_attacks(scene: Scene, scale: int) -> Iterator[Attack]:
    """Yield about 12 attacks per unit of `scale`, and each forged bundle once."""
    with Log.open(scene.log_path) as log:
        entries, labels = list(log.entries()), log.labels()
    (seen,) = scene.policy.checkpoints
    for _ in range(scale):
        for kind, name, damage in _damages(scene, len(entries), seen.size):
            check = functools.partial(_check_file, scene, damage, seen)
            yield Attack(kind, f"database: {name}", check)
        for kind, name, history in _histories(scene, entries, seen.size):
            for telling in ("own story", "no story", "true story"):
                check = functools.partial(_check_insider, scene, (history, labels), telling)
                yield Attack(kind, f"insider: {name}, {telling}", check)
    for golden, forged in zip(scene.published, scene.forged, strict=True):
        yield Attack(
            "regenerated",
            f"{golden.name}: everything with new keys",
            functools.partial(_check_regenerated, golden, forged, scene),
        )
        yield Attack(
            "regenerated",
            f"{golden.name}: new records, old log key named",
            functools.partial(_check_half_regenerated, golden, forged, scene),
        )


def _check_regenerated(golden: Golden, forged: Golden, scene: Scene, _: Path) -> object:
    return read(golden, scene, bundle=forged.bundle)


def _check_half_regenerated(golden: Golden, forged: Golden, scene: Scene, _: Path) -> object:
    true, false = json.loads(golden.bundle), json.loads(forged.bundle)
    return read(golden, scene, bundle=canonical_json(false | {"log": true["log"]}))


def _check_file(scene: Scene, damage: Damage, seen: Checkpoint, scratch: Path) -> object:
    path = scratch / "log.sqlite"
    shutil.copy(scene.log_path, path)
    with closing(sqlite3.connect(path)) as connection, connection:
        damage(connection)
    with Log.open(path, pins=[seen]) as log:
        return log.check(full=True)


def _damages(scene: Scene, size: int, seen: int) -> Iterator[tuple[str, str, Damage]]:
    chance = scene.chance
    place = chance.randrange(1, size)
    one, two = chance.sample(range(1, seen), 2)  # all different there
    put = "UPDATE entries SET envelope=? WHERE idx=?"

    def flip(connection: sqlite3.Connection) -> None:
        row = connection.execute("SELECT envelope FROM entries WHERE idx=?", (place,)).fetchone()
        changed = bytearray(row[0])
        changed[len(changed) // 2] ^= 1
        connection.execute(put, (bytes(changed), place))

    def exchange(connection: sqlite3.Connection) -> None:
        rows = dict(connection.execute("SELECT idx, envelope FROM entries"))
        connection.execute(put, (rows[one], two))
        connection.execute(put, (rows[two], one))

    yield "log rewrite", f"entry {place} altered", flip
    yield "reorder", f"entries {one} and {two} exchanged", exchange
    yield (
        "log rewrite",
        "newest root",
        lambda c: c.execute("UPDATE entries SET root=? WHERE idx=?", (bytes(32), size - 1)),
    )
    # Cut after what anybody outside has seen, a log is merely an older log: nobody could tell.
    keep, gone = chance.randrange(1, seen), chance.randrange(1, seen)
    yield (
        "truncation",
        f"cut to {keep}",
        lambda c: c.execute("DELETE FROM entries WHERE idx>=?", (keep,)),
    )
    yield (
        "truncation",
        f"entry {gone} deleted",
        lambda c: c.execute("DELETE FROM entries WHERE idx=?", (gone,)),
    )


def _histories(
    scene: Scene, entries: list[bytes], seen: int
) -> Iterator[tuple[str, str, list[bytes]]]:
    chance = scene.chance
    subject = parse_bundle(scene.of("unanchored").bundle).records[0].index
    extra = _note(chance.randrange(1 << 30))
    # Entries 0 to `subject` stay, so that the record itself is in every false history.
    place = chance.randrange(subject + 1, seen)
    rewritten = [*entries[:place], extra, *entries[place + 1 :]]
    yield "log rewrite", f"entry {place} replaced", rewritten
    dropped = [*entries[:place], *entries[place + 1 :]]
    yield "log rewrite", f"entry {place} dropped", dropped
    yield "truncation", f"cut to {place}", entries[:place]
    restored = [*entries[:place], *(_note(n) for n in range(chance.randrange(1, 9)))]
    yield "rollback", f"restored at {place}, {len(restored) - place} new", restored
    longer = [*entries[:place], extra, *entries[place:]]
    yield "split view", f"another entry at {place} for some readers", longer


def _note(number: int) -> bytes:
    subject = Subject(f"forged {number}", {"sha256": seed(f"forged {number}").hex()})
    return sign_statements([Draft("note", (subject,), 1_795_424_400.0)], ALICE)[0]


def _check_insider(
    scene: Scene, told: tuple[list[bytes], dict[str, int]], telling: str, scratch: Path
) -> object:
    """Let the holder of all keys serve a bundle from a false history; read it as its reader."""
    history, labels = told
    golden = scene.of("unanchored")
    (seen,) = golden.policy.checkpoints
    true = parse_bundle(golden.bundle)
    kept = {name: index for name, index in labels.items() if index < len(history)}
    with Log.create(scratch / "log.sqlite", log_signer()) as log:
        with log.writer() as writer:
            writer.append(history, labels=kept)
        sizes = (seen.size,) if telling == "own story" and seen.size <= log.size else ()
        request = BundleRequest(manifest=true.manifest, consistency_with=sizes)
        bundle = assemble_bundle(log, true.records[0].index, request)
    if telling == "true story":
        bundle = replace(bundle, consistency=true.consistency)
    return read(golden, scene, bundle=dump_bundle(bundle))
