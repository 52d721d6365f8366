"""`diptych data sensors enrol|rotate|revoke|fleet`: which key speaks for which device."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from diptych.app.cli.frame import Output, frame, framed
from diptych.app.cli.given import FILE, FOLDER, REFERENCE
from diptych.app.cli.printing import table
from diptych.core.errors import DiptychError, UsageError
from diptych_verify.wording import counted

if TYPE_CHECKING:
    from diptych.app.verbs.data.fleets import FleetChanged

_SHOWN = 50
_KEYS = click.option("--keys", type=FILE, help="CSV of `device,keyid` lines, any number.")
_NEW_KEYS = click.option(
    "--new-keys", type=FOLDER, help="Make the keys here and write them to this folder as PEM."
)
_KEYID = click.option("--key", "keyid", type=REFERENCE, help="Key id of the one device named.")


class WhichKeys(UsageError):
    """A command on devices got no keys, or keys in two ways."""

    code = "Sensors.WhichKeys"


@click.command()
@click.argument("fleet", type=REFERENCE)
@click.argument("devices", nargs=-1, type=REFERENCE)
@_KEYID
@_KEYS
@_NEW_KEYS
@framed
def enrol(
    *,
    fleet: str,
    devices: tuple[str, ...],
    keyid: str | None,
    keys: Path | None,
    new_keys: Path | None,
) -> Output:
    """Let devices join a fleet.

    DEVICES are names; their keys come from --key (one device), --keys (a CSV instead of names) or
    --new-keys. All of them stand in one record.

    Example: diptych data sensors enrol cold room-1 room-2 --new-keys keys
    """
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.data.fleets import enrol as run

    book = open_workspace()
    with _pairs(devices, keyid, keys, new_keys) as pairs:
        return _changed(run(book, fleet, pairs))


@click.command()
@click.argument("fleet", type=REFERENCE)
@click.argument("devices", nargs=-1, type=REFERENCE)
@_KEYID
@_KEYS
@_NEW_KEYS
@click.option(
    "--until",
    type=click.IntRange(0),
    help="Last counter the old key may sign; default: the newest that has come.",
)
@framed
def rotate(
    *,
    fleet: str,
    devices: tuple[str, ...],
    keyid: str | None,
    keys: Path | None,
    new_keys: Path | None,
    until: int | None,
) -> Output:
    """Give devices new keys.

    What the old key signed up to --until is still taken in when it comes late.

    Example: diptych data sensors rotate cold room-2 --new-keys new
    """
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.data.fleets import rotate as run

    book = open_workspace()
    with _pairs(devices, keyid, keys, new_keys) as pairs:
        return _changed(run(book, fleet, pairs, until=until))


@click.command()
@click.argument("fleet", type=REFERENCE)
@click.argument("devices", nargs=-1, required=True, type=REFERENCE)
@framed
def revoke(*, fleet: str, devices: tuple[str, ...]) -> Output:
    """End the keys of devices: nothing that comes from them from now on is taken in.

    Example: diptych data sensors revoke cold room-2
    """
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.data.fleets import revoke as run

    return _changed(run(open_workspace(), fleet, devices))


@click.command()
@click.argument("fleet", type=REFERENCE)
@framed
def fleet(*, fleet: str) -> Output:
    """List the devices of a fleet that may send now, and what they sent.

    Example: diptych data sensors fleet cold
    """
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.data.fleets import list_fleet

    found = list_fleet(open_workspace(), fleet)
    rows = [(d.device, f"{d.readings:,}", str(d.newest), d.keyid) for d in found[:_SHOWN]]
    more = len(found) - len(rows)
    return Output(
        {"fleet": fleet, "devices": [one.to_json() for one in found]},
        table(rows, header=("device", "readings", "newest", "key id")),
        notes=(f"{counted(more, 'device')} more; --json lists all",) if more else (),
    )


@contextmanager
def _pairs(
    devices: tuple[str, ...], keyid: str | None, keys: Path | None, new_keys: Path | None
) -> Iterator[list[tuple[str, str]]]:
    """Give (device, key id) pairs from whichever way they were given.

    New keys whose devices could not be enrolled are deleted again.

    Raises:
        WhichKeys: none or two ways.
    """
    from diptych.core.files import naming
    from diptych.data.sensors.fleet import read_enrolment

    given = [way for way in (keyid, keys, new_keys) if way is not None]
    if len(given) != 1 or bool(devices) == (keys is not None) or (keyid and len(devices) != 1):
        raise WhichKeys(
            "give DEVICE --key KEYID, or DEVICES --new-keys FOLDER, or --keys FILE alone",
            hint="diptych data sensors enrol FLEET DEVICE --new-keys keys",
        )
    if keys is not None:
        with naming(keys):
            pairs = read_enrolment((frame().folder / keys).read_text(encoding="utf-8"))
            if not pairs:
                raise WhichKeys("it names no device, expected lines of device,keyid")
        yield pairs
    elif keyid is not None:
        yield [(devices[0], keyid)]
    elif new_keys is not None:
        with _new_keys(frame().folder / new_keys, devices) as made:
            yield made


@contextmanager
def _new_keys(folder: Path, devices: tuple[str, ...]) -> Iterator[list[tuple[str, str]]]:
    from diptych.app.verbs.data.fleets import new_device_key
    from diptych.core.files import make_folder
    from diptych.data.sensors.fleet import require_name

    files = [(one, folder / _file_name(require_name(one))) for one in devices]
    make_folder(folder, mode=0o700)
    made: list[Path] = []
    try:
        pairs = []
        for device, file in files:
            pairs.append((device, new_device_key(file)))
            made.append(file)
        yield pairs
    except DiptychError:  # Refused, so nothing was logged; an interruption may come after the log.
        for file in made:
            file.unlink(missing_ok=True)
        raise


def _file_name(device: str) -> str:
    """Return a file name for a device's key; a name that could be a path is refused."""
    if "/" in device or device.startswith("."):
        raise WhichKeys(f"'{device}' cannot name a file", hint="make its key yourself: --key")
    return f"{device}.pem"


def _changed(done: "FleetChanged") -> Output:
    words = {"enrol": "enrolled", "rotate": "rotated", "revoke": "revoked"}
    return Output(
        done.to_json(),
        f"{words[done.action]} {counted(done.devices, 'device')} of fleet {done.fleet} as record "
        f"{done.index}; {done.active:,} active",
    )
