"""Tamper matrix: what we catch under a trust policy, and what MLflow, DVC and model-signing see.

The matrix itself stands in tests/tamper and changes bundles, files and logs in every way listed
there. Peers get the same tampered copies of the same files, for the kinds that they could see;
model-signing verifies with the true public key, which is its form of a policy.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from diptych.provenance.objects import LocalObjects, ObjectCorrupt
from harness import HERE, Row, arguments, report, row, run_child
from tamper_peers import DvcPeer, MlflowPeer, ModelSigningPeer, Peer

PEERS: Mapping[str, Callable[[Path], Peer]] = {
    "model-signing": ModelSigningPeer,
    "DVC": DvcPeer,
    "MLflow": MlflowPeer,
}


def matrix(scale: int, copies: int, folder: Path) -> dict[str, Any]:
    """Run our matrix in a process of its own and let it write the tampered copies."""
    words = ["--scale", f"{scale}", "--copies", f"{copies}", "--export", f"{folder}"]
    spent = run_child([sys.executable, "-m", "tests.tamper.matrix", *words], cwd=HERE.parent)
    result: dict[str, Any] = json.loads(spent.output)
    return result


def our_rows(result: dict[str, Any]) -> Iterator[Row]:
    """Judge our own figures: everything caught, no false alarm, nothing claimed without policy."""
    missed = len(result["missed"])
    yield row(
        "tampered cases caught under a policy",
        100 * (1 - missed / result["cases"]),
        "%",
        at_least=100,
        more={"cases": result["cases"], "by_kind": result["by_kind"], "missed": result["missed"]},
    )
    yield row("tampered cases tried", result["cases"], "cases", at_least=500)
    yield row(
        "false alarms on untouched bundles",
        len(result["false_alarms"]),
        "alarms",
        at_most=0,
        more={"read": result["untouched"]},
    )
    yield row(
        "answers called proven on regenerated bundles without a policy",
        len(result["proven_without_policy"]),
        "answers",
        at_most=0,
        more={"read": result["regenerated_without_policy"]},
    )


def peer_rows(result: dict[str, Any], folder: Path, name: str, peer: Peer) -> Iterator[Row]:
    """Show one peer the same copies, then a swapped key and everything regenerated."""
    copies = sorted(path for path in folder.iterdir() if path.name != "good")
    seen = peer.catches(folder / "good" / "trial", [path / "trial" for path in copies])
    for kind, figures in result["copies"].items():
        caught = [seen[path / "trial"] for path in copies if path.name.startswith(f"{kind}-")]
        yield _share(kind, figures["caught"] / figures["cases"], name, sum(caught) / len(caught))
    kinds = result["by_kind"]
    for kind, caught_by_peer in (
        ("key swap", peer.catches_key_swap()),
        ("regenerated", peer.catches_regenerated(folder / "bytes-0" / "trial")),
    ):
        ours = 1 - sum(one.startswith(f"{kind}:") for one in result["missed"]) / kinds[kind]
        if caught_by_peer is not None:
            yield _share(kind, ours, name, float(caught_by_peer))
    if isinstance(peer, DvcPeer):
        ours = float(catches_altered_store(folder.parent / "store"))
        theirs = float(peer.catches_altered_store())
        yield _share("stored copy altered, then restored", ours, name, theirs)


def catches_altered_store(folder: Path) -> bool:
    """Tell whether our object store refuses to give back an altered object."""
    store = LocalObjects(folder)
    name = store.put([b"content"])
    store.flush()
    for stored in folder.rglob("*"):
        if stored.is_file():
            stored.chmod(0o644)
            stored.write_bytes(b"altered")
    try:
        list(store.read(name))
    except ObjectCorrupt:
        return True
    return False


def _share(kind: str, ours: float, name: str, theirs: float) -> Row:
    what = "everything regenerated" if kind == "regenerated" else kind
    return row(f"{what}: share caught", ours, "share", peer=theirs, peer_name=name, at_least=1)


def main() -> int:
    """Measure and report."""
    asked = arguments(__doc__)
    with tempfile.TemporaryDirectory() as base:
        folder = Path(base, "copies")
        result = matrix(1 if asked.quick else 8, 1 if asked.quick else 3, folder)
        rows = list(our_rows(result))
        for name, make in () if asked.quick else PEERS.items():
            work = Path(base, name)
            work.mkdir()
            rows.extend(peer_rows(result, folder, name, make(work)))
    return report("tamper", rows, asked)


if __name__ == "__main__":
    sys.exit(main())
