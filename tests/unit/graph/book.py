"""A log to draw: statements appended with one key, or with several."""

from collections.abc import Mapping
from pathlib import Path

from diptych.core.errors import JsonValue
from diptych.provenance.graph.graph import Graph
from diptych.provenance.keys.log_signer import LogSigner
from diptych.provenance.keys.records import append_key_record, begin_log, key_draft
from diptych.provenance.keys.signer import Ed25519Signer
from diptych.provenance.log import Log
from diptych.provenance.statement import Draft, Edge, Subject, sign_statements
from diptych_verify.merkle import leaf_hash

ORIGIN = "diptych.log/00112233445566778899aabbccddeeff"
OWN = Ed25519Signer(b"\x08" * 32)
OTHER = Ed25519Signer(b"\x09" * 32)
NOON = 1_800_000_000


class Book:
    """A log whose records are called by short names."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "log.sqlite"
        self.graph_path = folder / "graph.sqlite"
        self.log = Log.create(self.path, LogSigner(ORIGIN, b"\x07" * 32))
        self.index: dict[str, int] = {}
        with self.log.writer() as writer:
            begin_log(writer, OWN, time_s=NOON)

    def add(
        self,
        name: str,
        kind: str = "dataset",
        *edges: tuple[str, str],
        time_s: int = NOON,
        fields: Mapping[str, JsonValue] | None = None,
        signer: Ed25519Signer = OWN,
        agents: tuple[Mapping[str, JsonValue], ...] = (),
    ) -> int:
        """Append a record; edges are (relation, name or hex record id)."""
        ends = tuple(Edge(rel, self.id_of(end)) for rel, end in edges)
        ends += tuple(Edge("attributedTo", "", extra) for extra in agents)
        digest = f"{len(self.index) + 1:064x}"
        members: dict[str, JsonValue] = dict(fields or {})
        subject = Subject(name, {"sha256": digest})
        if kind == "dataset" and "manifest" not in members:
            subject = Subject(name, {"diptychManifest1": digest})
            members["manifest"] = {
                "algorithms": ["sha256"],
                "root": digest,
                "files": 1,
                "bytes": 1,
                "object": digest,
            }
        draft = Draft(kind, (subject,), time_s, ends, members)
        return self.append(name, sign_statements([draft], signer)[0])

    def append(self, name: str, envelope: bytes) -> int:
        """Append bytes as they are."""
        with self.log.writer() as writer:
            self.index[name] = writer.append([envelope])[0]
        return self.index[name]

    def introduce(self, signer: Ed25519Signer) -> None:
        """Let a second key sign from now on."""
        with self.log.writer() as writer:
            draft = key_draft("add", signer.keyid, time_s=NOON)
            append_key_record(self.log, writer, draft, OWN)

    def id_of(self, name: str) -> str:
        """Return the hex record id of a name; other text is one already."""
        at = self.index.get(name)
        return name if at is None else leaf_hash(self.log.entry(at)).hex()

    def graph(self) -> Graph:
        """Return the caught-up graph file."""
        graph = Graph(self.graph_path)
        graph.catch_up(self.log)
        return graph

    def close(self) -> None:
        """Close the log."""
        self.log.close()
