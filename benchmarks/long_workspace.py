"""A workspace with a long log, in a process of its own.

Usage: python long_workspace.py FOLDER COUNT

Its log is that of a team over years: half of the records are data sets, a third runs, one in
twelve a model version of one of COUNT / 1,000 models; aliases, approvals, grants, licences,
revocations and quality reports make up the rest. A few real things stand at both ends: files that
were sealed, a table with versions, a model under a licence with a grant.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import numpy as np
from safetensors.numpy import save_file

from diptych.app.verbs.signing import current_signer
from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue
from diptych.provenance.log import Writer
from diptych.provenance.statement import Draft, Edge, Subject, sign_statements
from diptych_verify.merkle import leaf_hash

_BATCH, _NEAR, _START_S = 2_000, 2_000, 1_700_000_000
Made = tuple[tuple[Edge, ...], dict[str, JsonValue], str]
"""Edges, predicate and the name of a record."""


@dataclass
class Team:
    """What there is so far; a record of one batch names only records of earlier ones."""

    models: int
    random: Random = field(default_factory=lambda: Random(3))
    ids: list[str] = field(default_factory=list)
    index: int = 0
    versions: dict[str, int] = field(default_factory=dict)
    known: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    labels: dict[str, int] = field(default_factory=dict)
    position: int = 0

    def near(self) -> str:
        """Return the id of a recent record."""
        return self.ids[-self.random.randrange(1, min(_NEAR, len(self.ids)) + 1)]

    def one(self, kind: str) -> tuple[str, str]:
        """Return name and id of a recent record of a kind; of any, while there is none."""
        known = self.known.get(kind)
        return self.random.choice(known[-10 * _NEAR :]) if known else ("any", self.near())

    def next(self, space: str, name: str) -> int:
        """Return the next version of a name, labelled."""
        number = self.versions[name] = self.versions.get(name, 0) + 1
        self.labels |= {
            f"{space}/{name}": self.position,
            f"{space}/{name}@{number}": self.position,
        }
        return number

    @property
    def digest(self) -> str:
        """Return a digest that no other record has."""
        return f"{self.index:064x}"

    @property
    def manifest(self) -> dict[str, JsonValue]:
        """Return a manifest that is not kept here."""
        root = self.digest
        return {
            "algorithms": ["sha256"],
            "root": root,
            "files": 12,
            "bytes": 34_567,
            "object": root,
        }


def _dataset(team: Team) -> Made:
    name = f"set-{team.random.randrange(100 * team.models)}"
    edges = tuple(Edge("derivedFrom", team.near()) for _ in range(team.random.randrange(3)))
    asset: dict[str, JsonValue] = {"name": name, "version": team.next("data", name)}
    return edges, {"manifest": team.manifest, "asset": asset}, name


def _run(team: Team) -> Made:
    edges = tuple(Edge("used", team.near()) for _ in range(team.random.randrange(1, 4)))
    team.labels[f"run/{team.digest[32:]}"] = team.position
    return edges, {"run": {"activity": "train", "status": "failed", "document": team.digest}}, "run"


def _model(team: Team) -> Made:
    name = f"net-{team.random.randrange(team.models)}"
    edges = (Edge("trainedOn", team.near()), Edge("generated", team.near()))
    said: dict[str, JsonValue] = {"name": name, "version": team.next("model", name)}
    said |= {"format": "onnx", "card": team.digest}
    return edges, {"manifest": team.manifest, "model": said}, name


def _alias(team: Team) -> Made:
    name, model = team.one("model")
    team.labels[f"alias/{name}:production"] = team.position
    return (Edge("used", model),), {"alias": {"model": name, "name": "production"}}, name


def _approval(team: Team) -> Made:
    name, model = team.one("model")
    return (Edge("used", model),), {"approval": {"verdict": "approved", "role": "medical"}}, name


def _licence(team: Team) -> Made:
    name, model = team.one("model")
    said: dict[str, JsonValue] = {"digest": team.digest, "spdx": "MIT", "licensor": True}
    return (Edge("used", model),), {"licence": said}, name


def _grant(team: Team) -> Made:
    name, model = team.one("model")
    edges = (Edge("used", model), Edge("licensedUnder", team.one("licence")[1]))
    return edges, {"grant": {"licensee": team.digest[:32]}}, name


def _revocation(team: Team) -> Made:
    name, record = team.one(team.random.choice(("model", "grant")))
    return (Edge("revokes", record),), {"revocation": {"reason": "replaced"}}, name


def _quality(team: Team) -> Made:
    digest = team.digest
    said: dict[str, JsonValue] = {"verdict": "pass", "rules": digest, "report": digest, "tool": "x"}
    return (Edge("used", team.near(), {"role": "checked"}),), {"quality": said}, "rules"


MAKERS: dict[str, tuple[int, Callable[[Team], Made]]] = {
    "dataset": (50, _dataset),
    "run": (30, _run),
    "model": (8, _model),
    "alias": (3, _alias),
    "approval": (3, _approval),
    "licence": (1, _licence),
    "grant": (2, _grant),
    "revocation": (1, _revocation),
    "quality": (2, _quality),
}


def batch(team: Team, count: int) -> tuple[list[Draft], list[str]]:
    """Return so many drafts, and the kinds and names to remember them by."""
    named = [*MAKERS] if team.known else [*MAKERS][:3]  # first what the others are about
    kinds = team.random.choices(named, weights=[MAKERS[kind][0] for kind in named], k=count)
    drafts = []
    team.labels.clear()
    for team.position, kind in enumerate(kinds):
        team.index += 1
        edges, fields, name = MAKERS[kind][1](team)
        subject = Subject(
            name, {"diptychManifest1" if "manifest" in fields else "sha256": team.digest}
        )
        drafts.append(Draft(kind, (subject,), _START_S + team.index, edges, fields))
    return drafts, kinds


def fill(book: Workspace, writer: Writer, team: Team, count: int) -> None:
    """Append records up to a size."""
    with book.read_log() as log:
        signer = current_signer(book, log)
        team.ids = [leaf_hash(log.entry(0)).hex()]  # nothing comes of what the commands ask about
    while writer.size < count:
        drafts, kinds = batch(team, min(_BATCH, count - writer.size))
        envelopes = sign_statements(drafts, signer)
        writer.append(envelopes, labels=team.labels)
        team.ids = [leaf_hash(one).hex() for one in envelopes]
        for kind, draft, record in zip(kinds, drafts, team.ids, strict=True):
            if kind in ("model", "licence", "grant"):
                team.known.setdefault(kind, []).append((draft.subjects[0].name, record))


def real(book: Workspace, version: int) -> None:
    """Add what the measured commands ask about."""
    folder = book.place.project
    (folder / "visits.csv").write_text(f"id,age\n1,{version}\n")
    book.data.add("visits.csv", name="visits", store=True)
    save_file({"w": np.full((8, 8), version, dtype=np.float32)}, folder / "risk.safetensors")
    book.models.publish("risk.safetensors", "risk", trained_on=["visits"], licence="Apache-2.0")
    book.models.alias("risk", "production")
    book.models.license("risk", "CC-BY-4.0")
    book.models.grant("risk", to="Clinic")


def main() -> int:
    """Make the workspace."""
    folder, count = Path(sys.argv[1]), int(sys.argv[2])
    book = Workspace.open(folder)
    (folder / "study").mkdir()
    (folder / "study/a.csv").write_text("a\n1\n")
    book.seal("study")
    real(book, 1)
    with book.write_log() as log, log.writer(book.lease_terms()) as writer:
        fill(book, writer, Team(max(10, count // 1_000)), count)
    real(book, 2)
    return 0


if __name__ == "__main__":
    sys.exit(main())
