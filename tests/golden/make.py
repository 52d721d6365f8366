"""Write the golden bundles: `python -m tests.golden.make [FOLDER]` from the top of the repository.

Released files are never written again; a new format version gets a folder of its own. The test
compares what this program writes today with what was committed, and verifies the committed files.
"""

import hashlib
import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tests.golden.evidence import (
    anchor_of,
    authority,
    pem,
    token_for,
    trusted_anchor,
    trusted_block,
)
from tests.golden.world import FILES, World, open_world

from diptych.core.errors import JsonValue
from diptych.provenance.bundle.build import BundleRequest, assemble_bundle
from diptych.provenance.bundle.dump import dump_bundle
from diptych.provenance.trust import dump_policy, workspace_policy
from diptych_verify.policy import TrustPolicy

FOLDER = Path(__file__).parent / "v1"
RAW = {"raw.csv": b"subject,event,name\n1,none,A\n2,headache,B\n"}
SECRET_FIELDS: list[tuple[str, JsonValue]] = [
    ("patient", "123456789"),
    ("diagnosis", "C34.1"),
    ("age", 61),
    ("note", None),
]


@dataclass(frozen=True)
class Case:
    """One golden bundle.

    Attributes:
        name: file stem.
        bundle: the file.
        policy: the trust policy beside it.
        files: content to verify it with; empty if none is shown.
        lineage: verified with all ancestors.
        error: code of the error it must raise; empty if it must verify.
    """

    name: str
    bundle: bytes
    policy: TrustPolicy
    files: str = ""
    lineage: bool = False
    error: str = ""


def golden_cases(folder: Path, label: str = "") -> list[Case]:
    """Build every case in a scratch folder; another label means other keys."""
    with open_world(folder, label) as world:
        return list(_cases(world))


def _cases(world: World) -> Iterator[Case]:
    log = world.log
    raw = world.dataset("raw", RAW)
    world.key("add", world.bob.keyid, world.alice)
    trial = world.dataset("trial", FILES, signer=world.bob, sources=[raw.record_id])
    secret, tree = world.private(SECRET_FIELDS)
    world.notes(40)
    early = log.head()
    world.cosign()
    world.notes(30)
    late = log.head()
    policy = _policy(world)

    def case(name: str, index: int, request: BundleRequest, *need: str, **more: object) -> Case:
        bundle = dump_bundle(assemble_bundle(log, index, request))
        return Case(name, bundle, replace(policy, require=need), **more)  # type: ignore[arg-type]

    request = BundleRequest(manifest=trial.manifest, consistency_with=(early.size,))
    plain = BundleRequest(consistency_with=(early.size,))
    yield case("unanchored", trial.index, request, "untampered", "who", files="trial")
    traced = replace(request, lineage=True)
    yield case("lineage", trial.index, traced, "derived_from", files="trial", lineage=True)
    opened = replace(plain, disclosed=(tree.reveal(1), tree.reveal(2)))
    yield case("disclosed", secret, opened, "untampered", "who")
    stamped = replace(plain, timestamps=(token_for(late.body().encode()),))
    yield case("timestamped", secret, stamped, "who", "when")
    at_early = BundleRequest(at_size=early.size)
    yield case("cosigned", trial.index, at_early, "who", "when")
    anchor = anchor_of(log.key, early)
    chained = replace(policy, anchors=(trusted_anchor(anchor),), blocks=(trusted_block(anchor),))
    for name, chosen in (("anchored", at_early), ("anchored-earlier", request)):
        made = case(name, trial.index, replace(chosen, anchor=anchor))
        need = ("untampered", "who", "when")
        yield replace(made, policy=replace(chained, require=need), files="trial")
    yield from _key_cases(world, plain, policy)


def _key_cases(world: World, request: BundleRequest, policy: TrustPolicy) -> Iterator[Case]:
    log = world.log
    before = world.dataset("before", {"b": b"1"}, signer=world.bob)
    world.key("revoke", world.bob.keyid, world.alice)
    after = world.dataset("after", {"a": b"2"}, signer=world.bob)
    world.key("rotate", world.carol.keyid, world.alice, replaces=world.alice.keyid)
    stale = world.dataset("stale", {"s": b"3"}, signer=world.alice)
    fresh = world.dataset("fresh", {"f": b"4"}, signer=world.carol)
    needed = replace(policy, require=("who",))
    for name, sealed, error in (
        ("before-revocation", before, ""),
        ("revoked", after, "Verify.UntrustedKey"),
        ("rotated-away", stale, "Verify.UntrustedKey"),
        ("rotated", fresh, ""),
    ):
        bundle = dump_bundle(assemble_bundle(log, sealed.index, request))
        yield Case(name, bundle, needed, error=error)


def _policy(world: World) -> TrustPolicy:
    # Only the first key is listed: the others must be reached through key records.
    own = workspace_policy(world.log, names={world.alice.keyid: "Hospital A"})
    seen = next(iter(world.log.cosigned()))
    checkpoint = replace(own.checkpoints[0], size=_size(seen), root=world.log.root(_size(seen)))
    return replace(
        own,
        signers=own.signers[:1],
        checkpoints=(checkpoint,),
        witnesses=(world.witness.key,),
        timestamp_authorities=(pem(authority()[1]),),
    )


def _size(note: str) -> int:
    return int(note.split("\n")[1])


def write_cases(folder: Path) -> None:
    """Write bundles, policies, `expected.json` and `SHA256SUMS` into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        cases = golden_cases(Path(scratch))
    expected = {
        case.name: {"files": case.files, "lineage": case.lineage, "error": case.error}
        for case in cases
    }
    written = {"expected.json": (json.dumps(expected, indent=1) + "\n").encode()}
    for case in cases:
        written[f"{case.name}.diptych.json"] = case.bundle
        written[f"{case.name}.policy.toml"] = dump_policy(case.policy)
    for name, content in written.items():
        (folder / name).write_bytes(content)
    sums = "".join(
        f"{hashlib.sha256(written[name]).hexdigest()}  {name}\n" for name in sorted(written)
    )
    (folder / "SHA256SUMS").write_text(sums)


if __name__ == "__main__":
    write_cases(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
