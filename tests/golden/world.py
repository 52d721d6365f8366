"""A small world with fixed keys and clock: the same bytes on every run, on every machine.

The seeds are digests of public strings: they are test keys and must never hold anything of value.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from diptych.core.errors import JsonValue
from diptych.provenance.keys.log_signer import LogSigner, WitnessSigner
from diptych.provenance.keys.records import Action, append_key_record, begin_log, key_draft
from diptych.provenance.keys.signer import Ed25519Signer, Secp256k1Signer, Signer
from diptych.provenance.log import Log
from diptych.provenance.private.commitments import FieldTree, commit
from diptych.provenance.statement import Draft, Edge, Subject, sign_statements
from diptych_verify.manifest import ManifestEntry, ManifestHeader, ManifestWriter
from diptych_verify.merkle import leaf_hash
from diptych_verify.note import note_signature_line

START_S = 1_795_424_400  # 2026-11-23T09:00:00Z
FILES = {
    "adverse_events.csv": b"subject,event\n1,none\n2,headache\n",
    "readings/a.csv": b"t,c\n0,3.9\n60,4.1\n",
    "readings/b.csv": b"t,c\n0,4.0\n60,8.8\n",
}


def seed(name: str) -> bytes:
    """Return the test-only seed of a name, 32 bytes."""
    return hashlib.sha256(f"diptych test-only key, never use: {name}".encode()).digest()


def manifest_of(files: Mapping[str, bytes]) -> tuple[bytes, dict[str, JsonValue], dict[str, str]]:
    """Return manifest object, `predicate.manifest` and subject digests of in-memory files."""
    writer = ManifestWriter(ManifestHeader())
    entries = [
        ManifestEntry(path, len(files[path]), (hashlib.sha256(files[path]).digest(),))
        for path in sorted(files, key=str.encode)
    ]
    payload = writer.start() + writer.block(entries)
    summary = writer.summary()
    predicate: dict[str, JsonValue] = {
        "algorithms": list(summary.algorithms),
        "root": summary.root.hex(),
        "files": summary.files,
        "bytes": summary.total_bytes,
        "object": summary.object_digest.hex(),
    }
    digests = {"diptychManifest1": summary.root.hex()}
    if len(entries) == 1:
        digests["sha256"] = entries[0].digests[0].hex()
    return payload, predicate, digests


def write_files(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write in-memory files below a folder and return it."""
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return folder


@dataclass(frozen=True)
class Sealed:
    """A sealed dataset: index, record id, manifest object."""

    index: int
    record_id: bytes
    manifest: bytes


class World:
    """One log with its writers; `label` makes a different world with other keys."""

    def __init__(self, log: Log, label: str) -> None:
        self.log = log
        self.alice: Signer = Ed25519Signer(seed(f"{label}alice"))
        self.bob: Signer = Secp256k1Signer(seed(f"{label}bob"))
        self.carol: Signer = Ed25519Signer(seed(f"{label}carol"))
        self.witness = WitnessSigner(
            "witness.example/test", seed(f"{label}witness"), clock=lambda: START_S + 3600.0
        )
        self._now_s = float(START_S)

    def now_s(self) -> float:
        """Return the next second of this world."""
        self._now_s += 1
        return self._now_s

    def append(self, drafts: Iterable[Draft], signer: Signer) -> range:
        """Sign and append statements."""
        with self.log.writer() as writer:
            return writer.append(sign_statements(drafts, signer))

    def dataset(
        self,
        name: str,
        files: Mapping[str, bytes],
        *,
        signer: Signer | None = None,
        sources: Iterable[bytes] = (),
    ) -> Sealed:
        """Seal in-memory files."""
        manifest, predicate, digests = manifest_of(files)
        edges = tuple(Edge("derivedFrom", one.hex()) for one in sources)
        draft = Draft(
            "dataset", (Subject(name, digests),), self.now_s(), edges, {"manifest": predicate}
        )
        (index,) = self.append([draft], signer or self.alice)
        return Sealed(index, leaf_hash(self.log.entry(index)), manifest)

    def private(self, fields: list[tuple[str, JsonValue]]) -> tuple[int, FieldTree]:
        """Seal salted fields; salts come from a counter, in tests only."""
        counter = iter(range(1000))
        tree = commit(fields, random_bytes=lambda _: seed(f"salt {next(counter)}"))
        root = tree.root().hex()
        fake_object = hashlib.sha256(b"encrypted manifest, not part of a bundle").hexdigest()
        private: dict[str, JsonValue] = {"root": root, "object": fake_object}
        subject = Subject("private", {"diptychPrivate1": root})
        draft = Draft("private", (subject,), self.now_s(), (), {"private": private})
        return self.append([draft], self.alice)[0], tree

    def key(self, action: Action, keyid: str, signer: Signer, *, replaces: str = "") -> int:
        """Append a key record."""
        draft = key_draft(action, keyid, time_s=self.now_s(), replaces=replaces)
        with self.log.writer() as writer:
            return append_key_record(self.log, writer, draft, signer)

    def notes(self, count: int, signer: Signer | None = None) -> None:
        """Append records that nobody asks about, so that proofs have some length."""
        drafts = [
            Draft("note", (Subject(f"note {n}", {"sha256": seed(f"note {n}").hex()}),), START_S)
            for n in range(count)
        ]
        self.append(drafts, signer or self.alice)

    def cosign(self) -> None:
        """Let the witness cosign the newest checkpoint."""
        line = note_signature_line(
            self.witness.key.name,
            self.witness.key.key_hash,
            self.witness.cosign(self.log.head().body()),
        )
        self.log.add_cosignature(line, self.witness.key)


def log_signer(label: str = "") -> LogSigner:
    """Return the log key of a world; every world claims the same origin."""
    return LogSigner(f"diptych.log/{seed('origin')[:16].hex()}", seed(f"{label}log"))


@contextmanager
def open_world(folder: Path, label: str = "") -> Iterator[World]:
    """Make a log in `folder` whose entry 0 adds Alice's key."""
    folder.mkdir(parents=True, exist_ok=True)
    signer = log_signer(label)
    with Log.create(folder / "log.sqlite", signer) as log:
        world = World(log, label)
        with log.writer() as writer:
            begin_log(writer, world.alice, time_s=world.now_s())
        yield world
