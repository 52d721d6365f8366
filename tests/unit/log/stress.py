"""Writers that are killed: run as a module, one writer; imported, the test that kills them."""

import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.unit.log.signing import SeededSigner

from diptych.provenance.log import LeaseTerms, Log
from diptych_verify.merkle import verify_consistency

ROOT = Path(__file__).resolve().parents[3]


@dataclass
class Outcome:
    """What the writers acknowledged: index to envelope."""

    acknowledged: dict[int, bytes] = field(default_factory=dict)
    kills: int = 0
    heads_seen: int = 0


def write_forever(path: Path, seed: int) -> None:
    """Append batches for ever; print each acknowledged index with its envelope."""
    random = Random(seed)
    with Log.open(path, signer=SeededSigner()) as log:
        while True:
            with log.writer(LeaseTerms(lease_s=5, wait_s=60)) as writer:
                for _ in range(random.randint(1, 4)):
                    batch = [
                        f"{seed}-{random.random()}".encode()
                        for _ in range(random.choice((1, 1, 9, 300)))
                    ]
                    indexes = writer.append(batch)
                    rows = (
                        f"{at} {envelope.decode()}\n"
                        for at, envelope in zip(indexes, batch, strict=True)
                    )
                    sys.stdout.write("".join(rows))
                    sys.stdout.flush()


def run(folder: Path, *, kills: int, writers: int = 3, seed: int = 0) -> Outcome:
    """Let several processes append to one log and kill them at random, again and again.

    Args:
        folder: where the log and the writers' output go.
        kills: how many SIGKILLs to send.
        writers: how many processes write at once.
        seed: makes the choice of victims repeatable.
    """
    random = Random(seed)
    path = folder / "log.sqlite"
    Log.create(path, SeededSigner()).close()
    outcome = Outcome()
    running = [_start(path, folder, number) for number in range(writers)]
    started = writers
    try:
        while outcome.kills < kills:
            time.sleep(random.uniform(0.05, 0.35))
            victim = random.randrange(writers)
            if not (folder / f"{_number(running[victim])}.out").stat().st_size:
                continue  # let it write something first
            _kill(running[victim])
            outcome.kills += 1
            outcome.heads_seen += _watch(path)
            running[victim] = _start(path, folder, started)
            started += 1
    finally:
        for process in running:
            _kill(process)
    for number in range(started):
        outcome.acknowledged |= _read_acknowledged(folder / f"{number}.out")
    return outcome


def _start(path: Path, folder: Path, number: int) -> subprocess.Popen[bytes]:
    with (folder / f"{number}.out").open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.unit.log.stress", str(path), str(number)],
            stdout=output,
            cwd=ROOT,
        )


def _number(process: subprocess.Popen[bytes]) -> str:
    arguments = process.args
    assert isinstance(arguments, list)
    return str(arguments[-1])


def _kill(process: subprocess.Popen[bytes]) -> None:
    assert process.poll() is None, f"writer {_number(process)} ended by itself"
    process.send_signal(signal.SIGKILL)
    process.wait()


def _watch(path: Path, steps: int = 3) -> int:
    """Read while others write: every head seen must extend the one before."""
    with Log.open(path) as log:
        old = log.head()
        for _ in range(steps):
            new = log.head()
            if old.size:
                verify_consistency(
                    old_size=old.size,
                    old_root=old.root,
                    new_size=new.size,
                    new_root=new.root,
                    proof=log.consistency_proof(old.size, new.size),
                )
            old = new
    return steps


def _read_acknowledged(path: Path) -> dict[int, bytes]:
    rows = path.read_bytes().split(b"\n")[:-1]  # the last line may be cut
    return {int(index): envelope for index, envelope in (row.split(b" ", 1) for row in rows)}


if __name__ == "__main__":
    write_forever(Path(sys.argv[1]), int(sys.argv[2]))
