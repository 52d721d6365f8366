"""A cold box: its device signs, a gateway brings readings late, faults and a proof come out."""

import math
import random
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import diptych
from diptych.core.secret import Secret
from diptych.data.sensors import Limits, Reading, sign_burst
from diptych.data.sensors.check import Options
from diptych.data.sensors.gateway import Spool
from diptych_verify.verify import verify_bundle

chance = random.Random(1)
device = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
keyid = f"ed25519:{device.public_key().public_bytes_raw().hex()}"


def celsius(number: int) -> float:
    """A steady box that is open from reading 700 on, and whose sensor is stuck from 900 on."""
    number = min(number, 900)
    warm = 6.0 if number >= 700 else 0.0
    noise = chance.gauss(0, 0.08) if number < 900 else 0.0
    return 5 + 0.3 * math.sin(number / 23) + warm + noise


readings = [
    Reading(number, 1_767_225_600_000 + number * 600_000, round(100 * celsius(number)))
    for number in range(1, 1001)
    if not 500 <= number < 520  # somebody removed twenty of them
]
frames = [sign_burst(device, readings[at : at + 20]) for at in range(0, len(readings), 20)]

with tempfile.TemporaryDirectory() as scratch:
    folder = Path(scratch)
    book = diptych.create(folder, prompt=lambda reason: Secret("only for this example"))
    book.data.sensors.enrol("boxes", [("box-1", keyid)])

    with Spool(folder / "spool.sqlite") as spool:  # offline: kept, shuffled, sent twice later
        chance.shuffle(frames)
        spool.take(frames)
        spool.forward(lambda some: len(some) - len(book.data.sensors.ingest("boxes", some).refused))
    again = book.data.sensors.ingest("boxes", frames)
    print(f"sent again: {again.accepted} new, {again.duplicates} known")

    logged = book.data.sensors.checkpoint("boxes")
    print(f"record {logged.index} holds {logged.count} readings")

    limits = Limits(2, 8, for_s=3600)
    for one in book.data.sensors.check("boxes/box-1", options=Options(400, limits)).findings:
        print(f"{one.severity:<9} {one.rule:<10} {one.text}")

    print(verify_bundle(book.data.sensors.show("boxes", "box-1", 750)).answers[0].text)
