"""Sealing and verifying beside model-signing and `dvc add`, and memory for a million files.

Ours is the command line as a user types it, imports included, with the keys unlocked beforehand by
`diptych key unlock`: hash, sign and log (seal), or check the record and read every byte again
(verify). The peer's key file is not encrypted.
Inputs are random bytes; both sides get the same files, page cache warm, taking turns.
"""

import os
import random
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from harness import WORK, Row, Spent, arguments, report, row, run_child
from seal_peers import Dvc, ModelSigning

OURS = str(Path(sys.executable).with_name("diptych"))
ENVIRONMENT = {**os.environ, "DIPTYCH_KEYS__SCRYPT_LOG2_N": "14"}
PASSPHRASE = {"DIPTYCH_KEYS__PASSPHRASE": "unlocked for the benchmark"}


@dataclass(frozen=True)
class Sizes:
    """How much is generated: files of 1 to 16 KiB, shards of a model, tiny files, rounds."""

    small_files: int
    shard_bytes: int
    tiny_files: int
    rounds: int


FULL = Sizes(small_files=20_000, shard_bytes=512 << 20, tiny_files=1_000_000, rounds=3)
QUICK = Sizes(small_files=2_000, shard_bytes=64 << 20, tiny_files=20_000, rounds=1)


def make_small(folder: Path, sizes: Sizes) -> None:
    """Write folders of a hundred files of 1 to 16 KiB."""
    source = random.Random(7)
    for number in range(sizes.small_files):
        file = folder / f"d{number // 100:03}" / f"f{number % 100:02}.bin"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(source.randbytes(source.randint(1_024, 16_384)))


def make_model(folder: Path, sizes: Sizes) -> None:
    """Write four large shards and two small files."""
    folder.mkdir(parents=True)
    for number in range(4):
        with (folder / f"model-{number}.safetensors").open("wb") as shard:
            for _ in range(sizes.shard_bytes >> 20):
                shard.write(os.urandom(1 << 20))
    (folder / "config.json").write_bytes(b'{"layers":12}\n')
    (folder / "tokenizer.json").write_bytes(os.urandom(1 << 20))


def make_tiny(folder: Path, sizes: Sizes) -> None:
    """Write folders of a thousand files of some bytes."""
    for number in range(sizes.tiny_files):
        if number % 1_000 == 0:
            (folder / f"{number // 1_000:04}").mkdir(parents=True)
        name = folder / f"{number // 1_000:04}" / f"record-{number % 1_000:04}.json"
        name.write_bytes(b'{"n":%d}' % number)


def inputs(base: Path, sizes: Sizes) -> None:
    """Generate the inputs that are not there yet; a half-written one is made anew."""
    for name, make in (("small", make_small), ("model", make_model)):
        stamp = base / f"{name}.done"
        if not stamp.is_file():
            shutil.rmtree(base / name, ignore_errors=True)
            make(base / name, sizes)
            stamp.touch()


class Ours:
    """Our command line in a fresh workspace."""

    def __init__(self, base: Path, digest: str = "sha256") -> None:
        self._base = base
        self._environment = {**ENVIRONMENT, "DIPTYCH_SEAL__DIGEST": digest}

    def seal_anew(self, name: str, *flags: str) -> Spent:
        """Seal one input into an empty log (made beforehand, not counted)."""
        self.clear()
        unlocking = {**self._environment, **PASSPHRASE}
        for words in (("init",), ("key", "unlock")):
            run_child([OURS, *words], cwd=self._base, env=unlocking)
        return self._run("seal", name, *flags)

    def clear(self) -> None:
        """Stop the key agent and remove the workspace."""
        if (self._base / ".diptych").is_dir():
            self._run("key", "lock")
            shutil.rmtree(self._base / ".diptych")

    def verify(self, name: str) -> Spent:
        """Check one sealed input."""
        return self._run("verify", name)

    def _run(self, *words: str) -> Spent:
        return run_child([OURS, *words], cwd=self._base, env=self._environment)


@dataclass(frozen=True)
class Taken:
    """Median seconds of some runs."""

    cpu_s: float
    wall_s: float


def in_turns(rounds: int, *actions: Callable[[], Spent]) -> list[Taken]:
    """Run the actions in turns and return the medians of each."""
    spent: list[list[Spent]] = [[] for _ in actions]
    for _ in range(rounds):
        for runs, action in zip(spent, actions, strict=True):
            runs.append(action())
    return [
        Taken(median(run.cpu_s for run in runs), median(run.wall_s for run in runs))
        for runs in spent
    ]


def warm(folder: Path) -> None:
    """Read every file once, so that neither side pays for the disk."""
    for file in folder.rglob("*"):
        if file.is_file():
            with file.open("rb", buffering=0) as stream:
                while stream.read(1 << 20):
                    pass


def beside_model_signing(base: Path, rounds: int) -> list[Row]:
    """Measure seal and verify on both inputs."""
    peer = ModelSigning(base)
    sha256, blake3 = Ours(base), Ours(base, "blake3")
    rows = []
    for name, digest, ours, seal_bar, verify_bar in (
        ("small", "SHA-256", sha256, 0.2, 0.25),
        ("model", "SHA-256", sha256, 0.75, 0.75),
        ("model", "BLAKE3", blake3, 0.4, 0.4),
    ):
        warm(base / name)
        what = f"{name}, {digest}"
        signed = in_turns(rounds, partial(ours.seal_anew, name), partial(peer.seal, name))
        rows += _pair(f"sign {what}", signed, "model-signing", seal_bar)
        verified = in_turns(rounds, partial(ours.verify, name), partial(peer.verify, name))
        rows += _pair(f"verify {what}", verified, "model-signing", verify_bar)
    return rows


def beside_dvc(base: Path, rounds: int) -> list[Row]:
    """Measure registering without copying."""
    peer = Dvc(base)
    sha256, blake3 = Ours(base), Ours(base, "blake3")
    rows = []
    for name, digest, ours in (
        ("small", "SHA-256", sha256),
        ("model", "SHA-256", sha256),
        ("model", "BLAKE3", blake3),
    ):
        warm(base / name)
        taken = in_turns(rounds, partial(ours.seal_anew, name), partial(peer.add, name))
        what = f"register {name} without copying, {digest}"
        rows += _pair(what, taken, "dvc add, hardlink cache", 0.25)
    return rows


def hashing_alone(base: Path) -> list[Row]:
    """Measure the digest of the model's files and nothing else: no program can be below it."""
    script = (
        "import hashlib, sys\nfor name in sys.argv[1:]:\n"
        "    hashlib.file_digest(open(name, 'rb', buffering=0), 'sha256')\n"
    )
    files = [str(file) for file in sorted((base / "model").iterdir())]
    spent = run_child([sys.executable, "-I", "-S", "-c", script, *files])
    return [row("model, SHA-256 by hashlib alone: CPU", spent.cpu_s, "s")]


def _pair(what: str, taken: list[Taken], peer: str, bar: float) -> list[Row]:
    """Return the CPU row and the wall row; wall time has a bar for many small files only."""
    ours, theirs = taken
    wall = ours.wall_s
    wall_bar = bar if what.startswith(("sign small", "verify small")) else None
    return [
        row(f"{what}: CPU", ours.cpu_s, "s", peer=theirs.cpu_s, peer_name=peer, at_most=bar),
        row(f"{what}: wall", wall, "s", peer=theirs.wall_s, peer_name=peer, at_most=wall_bar),
    ]


def private_seal(base: Path) -> list[Row]:
    """Measure a private seal of the small files, for information."""
    ours = Ours(base)
    spent = ours.seal_anew("small", "--private")
    return [
        row("seal small privately: CPU", spent.cpu_s, "s"),
        row("seal small privately: resident memory", spent.peak_bytes / 1e6, "MB"),
    ]


def many_files(base: Path, sizes: Sizes) -> list[Row]:
    """Measure the memory that sealing very many tiny files takes, then remove them."""
    folder = base / "tiny"
    shutil.rmtree(folder, ignore_errors=True)
    make_tiny(folder, sizes)
    ours = Ours(base)
    sealed = ours.seal_anew("tiny")
    verified = ours.verify("tiny")
    shutil.rmtree(folder)
    what = f"{sizes.tiny_files:,} small files"
    return [
        row(f"resident memory, sealing {what}", sealed.peak_bytes / 1e6, "MB", at_most=500),
        row(f"resident memory, verifying {what}", verified.peak_bytes / 1e6, "MB", at_most=500),
        row(f"seal {what}: CPU", sealed.cpu_s, "s"),
        row(f"verify {what}: CPU", verified.cpu_s, "s"),
    ]


def main() -> int:
    """Measure everything and report."""
    asked = arguments(__doc__)
    sizes = QUICK if asked.quick else FULL
    base = WORK / ("seal-quick" if asked.quick else "seal-full")
    base.mkdir(parents=True, exist_ok=True)
    inputs(base, sizes)
    try:
        rows = beside_model_signing(base, sizes.rounds)
        rows += beside_dvc(base, sizes.rounds)
        rows += hashing_alone(base)
        rows += private_seal(base)
        rows += many_files(base, sizes)
    finally:
        Ours(base).clear()
    return report("seal", rows, asked)


if __name__ == "__main__":
    sys.exit(main())
