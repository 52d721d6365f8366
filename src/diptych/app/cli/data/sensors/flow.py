"""`diptych data sensors sign|ingest|gateway|checkpoint|show`: readings on their way."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from diptych.app.cli.bar import bar
from diptych.app.cli.data.sensors.broker import broker_from, broker_options
from diptych.app.cli.frame import Output, frame, framed, is_interactive
from diptych.app.cli.given import FILE, REFERENCE
from diptych.core.errors import MalformedError, UsageError
from diptych.core.progress import silent
from diptych_verify.wording import counted

if TYPE_CHECKING:
    from diptych.data.sensors.store import Ingested

_BATCH = 1000


class WhichSource(UsageError):
    """`ingest` or `gateway` got no source of frames, or two."""

    code = "Sensors.WhichSource"


@click.command()
@click.argument("log", type=FILE)
@click.option("--key", "key_file", type=FILE, required=True, help="The device's key (PEM).")
@click.option("-o", "--output", type=FILE, required=True, help="Where to write the frames.")
@click.option(
    "--burst",
    type=click.IntRange(1, 4096),
    default=1,
    show_default=True,
    help="Readings per signature.",
)
@click.option(
    "--first",
    type=click.IntRange(0),
    default=1,
    show_default=True,
    help="Counter of the first reading.",
)
@click.option("--unit", type=REFERENCE, default="degC", show_default=True, help="Unit.")
@framed
def sign(*, log: Path, key_file: Path, output: Path, burst: int, first: int, unit: str) -> Output:
    """Sign a CSV log as a device would: for trying things, and for devices without a signer.

    Example: diptych data sensors sign room.csv --key keys/room-1.pem -o frames.bin
    """
    from diptych.core.files import naming, write_output
    from diptych.data.sensors.device import load_device_key, sign_series
    from diptych.data.sensors.series import read_csv

    start = frame().folder
    with naming(log):
        series = read_csv((start / log).read_text(encoding="utf-8-sig"), name=log.stem)
    key = load_device_key(start / key_file)
    frames = list(sign_series(key, series, first=first, burst=burst, unit=unit))
    raw = b"".join(frames)
    write_output(start / output, raw)
    return Output(
        {"readings": len(series), "frames": len(frames), "bytes": len(raw)},
        f"signed {counted(len(series), 'reading')} in {counted(len(frames), 'frame')}, "
        f"{len(raw):,} B",
    )


@click.command()
@click.argument("fleet", type=REFERENCE)
@click.argument("source", required=False, type=FILE)
@click.option("--mqtt", "address", help="Broker and topic, mqtt://host:port/topic or mqtts://…")
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Processes that verify.",
)
@broker_options
@framed
def ingest(
    *,
    fleet: str,
    source: Path | None,
    address: str | None,
    workers: int,
    client_id: str,
    for_s: float | None,
    **access: Any,
) -> Output:
    """Take in signed readings from a file of frames (`-` is standard input) or from a broker.

    A message is acknowledged after its readings are durable. Readings that are known already
    count as duplicates, so everything may be sent again.

    Example: diptych data sensors ingest cold frames.bin
    """
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.data.readings import ingest_mqtt, ingest_stream

    if (source is None) == (address is None):
        raise WhichSource("give a file of frames (or -), or --mqtt", hint="see --help")
    book = open_workspace()
    if address is not None:
        broker = broker_from(address, **access)
        with _until(for_s) as stop:
            done = ingest_mqtt(book, fleet, broker, client_id=client_id, stop=stop, workers=workers)
    else:
        with _opened(source) as stream:
            done = ingest_stream(book, fleet, stream, workers=workers)
    return Output(done.to_json(), _ingested(done), exit_code=1 if done.refused else 0)


@click.command()
@click.argument("spool", type=FILE)
@click.argument("source", required=False, type=FILE)
@click.option("--mqtt", "address", help="Take in from this broker and topic.")
@click.option("--to", "target", help="Hand on to this broker and topic.")
@broker_options
@framed
def gateway(
    *,
    spool: Path,
    source: Path | None,
    address: str | None,
    target: str | None,
    client_id: str,
    for_s: float | None,
    **access: Any,
) -> Output:
    """Store frames durably in SPOOL while offline, and hand them on when there is a way.

    Frames come from SOURCE (a file, `-` for standard input) or from a broker, and leave for --to.
    Each is kept until the other side has acknowledged it. The gateway needs no workspace and no
    keys; it cannot change a reading unnoticed.

    Example: diptych data sensors gateway spool.sqlite frames.bin
    """
    from diptych.data.sensors.frame import read_frames
    from diptych.data.sensors.gateway import Spool
    from diptych.data.sensors.mqtt import Publisher, receive

    if source is None and address is None and target is None:
        raise WhichSource("give a file of frames, --mqtt or --to", hint="see --help")
    quiet = frame().as_json or not is_interactive()
    taken = sent = 0
    with Spool(frame().folder / spool) as kept:
        if source is not None:
            with _opened(source) as stream:
                for batch in _batches(read_frames(stream)):
                    taken += kept.take(batch)
        if address is not None:
            broker = broker_from(address, **access)
            before = len(kept)
            with _until(for_s) as stop:
                receive(broker, kept.take, client_id=client_id, stop=stop)
            taken += len(kept) - before
        if target is not None:
            with Publisher(broker_from(target, **access)) as publisher:
                sent = kept.forward(publisher.deliver, progress=silent if quiet else bar)
        waiting = len(kept)
    return Output(
        {"taken": taken, "sent": sent, "waiting": waiting},
        f"took {counted(taken, 'new frame')}, handed on {sent:,}, {waiting:,} waiting",
    )


@click.command()
@click.argument("fleet", type=REFERENCE)
@framed
def checkpoint(*, fleet: str) -> Output:
    """Log the readings since the last checkpoint under one root.

    Example: diptych data sensors checkpoint cold
    """
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.data.readings import checkpoint_readings

    done = checkpoint_readings(open_workspace(), fleet)
    return Output(
        done.to_json(),
        f"logged {counted(done.count, 'reading')} of {counted(done.devices, 'device')} from "
        f"{done.from_time} to {done.to_time} as record {done.index}: {done.record}",
    )


@click.command()
@click.argument("fleet", type=REFERENCE)
@click.argument("device", type=REFERENCE)
@click.argument("counter", type=click.IntRange(0))
@click.option("-o", "--output", type=FILE, help="Default: DEVICE-COUNTER.diptych.json")
@framed
def show(*, fleet: str, device: str, counter: int, output: Path | None) -> Output:
    """Write a proof of one reading, which anybody can verify offline.

    It shows the reading, the device's signature, and that both stand in the log.

    Example: diptych data sensors show cold room-1 900
    """
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.data.readings import prove_reading
    from diptych.core.files import write_output

    raw = prove_reading(open_workspace(), fleet, device, counter)
    name = "".join(c if c.isalnum() or c in "-_" else "-" for c in device)
    path = output or Path(f"{name}-{counter}.diptych.json")
    write_output(frame().folder / path, raw)
    return Output(
        {"path": str(path), "bytes": len(raw)},
        f"wrote {path} ({len(raw):,} B): diptych verify {path}",
    )


@contextmanager
def _until(for_s: float | None) -> Iterator[threading.Event]:
    """Yield an event that is set after `for_s` seconds, or by Ctrl-C."""
    stop = threading.Event()
    timer = threading.Timer(for_s, stop.set) if for_s is not None else None
    if timer is not None:
        timer.start()
    try:
        yield stop
    finally:
        stop.set()
        if timer is not None:
            timer.cancel()


@contextmanager
def _opened(source: Path | None) -> Iterator[BinaryIO]:
    from diptych.core.files import naming

    if source is None or str(source) == "-":
        yield sys.stdin.buffer
        return
    with (frame().folder / source).open("rb") as stream, naming(source, MalformedError):
        yield stream


def _batches(frames: Iterator[bytes]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    for one in frames:
        batch.append(one)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    yield batch


def _ingested(done: "Ingested") -> str:
    text = (
        f"took {counted(done.accepted, 'new reading')}, {counted(done.duplicates, 'duplicate')}, "
        f"{counted(done.conflicts, 'conflict')}, {counted(len(done.refused), 'refused frame')}"
    )
    reasons = dict.fromkeys(reason for _, reason in done.refused[:1000])
    return "\n".join([text, *(f"refused: {reason}" for reason in list(reasons)[:10])])
