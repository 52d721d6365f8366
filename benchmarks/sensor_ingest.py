"""How many signed readings a second become durable."""

import statistics
import time
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from diptych.data.sensors.fleet import Change, Fleet
from diptych.data.sensors.frame import sign_burst
from diptych.data.sensors.signatures import FrameVerifier
from diptych.data.sensors.store import ReadingStore
from diptych_verify.readings import Reading

DEVICES = 100
ROUNDS = 5


def ingest_rate(
    folder: Path, *, burst: int, workers: int, quick: bool
) -> tuple[float, dict[str, object]]:
    """Return (readings per second, details): the median of five rounds into one growing store."""
    seeds = [i.to_bytes(32, "big") for i in range(1, DEVICES + 1)]
    keys = [Ed25519PrivateKey.from_private_bytes(seed) for seed in seeds]
    fleet = Fleet("bench")
    publics = [key.public_key().public_bytes_raw().hex() for key in keys]
    fleet.apply(Change("enrol", f"d{i}", f"ed25519:{key}") for i, key in enumerate(publics))
    count = (2_000 if quick else 20_000) if burst == 1 else (5_000 if quick else 50_000) // burst
    rates, cpu = [], []
    with ReadingStore(folder / "readings.sqlite", verifier=FrameVerifier(workers)) as store:
        store.ingest(_frames(keys, 512, burst, -1), fleet)  # helpers start here
        for turn in range(ROUNDS):
            frames = _frames(keys, count, burst, turn)
            start_s, start_cpu = time.perf_counter(), time.process_time()
            report = store.ingest(frames, fleet)
            rates.append(report.accepted / (time.perf_counter() - start_s))
            cpu.append(report.accepted / (time.process_time() - start_cpu))
            if report.accepted != count * burst:
                raise RuntimeError(f"lost readings: {report}")
    frame_bytes = len(frames[0])
    return statistics.median(rates), {
        "rounds": [round(rate) for rate in rates],
        "per_cpu_second_of_this_process": round(statistics.median(cpu)),
        "bytes_on_the_wire_each": round(frame_bytes / burst, 1),
        "limit": "Ed25519 verification" if burst < 10 else "parsing and SQLite",
    }


def _frames(keys: list[Ed25519PrivateKey], count: int, burst: int, turn: int) -> list[bytes]:
    base = (turn + 1) * 1_000_000
    return [
        sign_burst(
            keys[i % DEVICES],
            [
                Reading(base + i // DEVICES * burst + j + 1, 1_700_000_000_000 + i * 1000 + j, 312)
                for j in range(burst)
            ],
        )
        for i in range(count)
    ]
