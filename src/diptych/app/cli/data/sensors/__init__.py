"""`diptych data sensors`: fleets of devices, their signed readings, and what is wrong with them."""

import click

from diptych.app.cli.catalogue import CommandPlace
from diptych.app.cli.lazy_group import LazyGroup

__all__ = ["sensors"]

_HERE = "diptych.app.cli.data.sensors"

SENSOR_COMMANDS: dict[str, CommandPlace] = {
    "enrol": CommandPlace("prove", f"{_HERE}.fleet:enrol", "Let devices join a fleet."),
    "rotate": CommandPlace("prove", f"{_HERE}.fleet:rotate", "Give devices new keys."),
    "revoke": CommandPlace("prove", f"{_HERE}.fleet:revoke", "End the keys of devices."),
    "fleet": CommandPlace("prove", f"{_HERE}.fleet:fleet", "List the devices of a fleet."),
    "sign": CommandPlace("prove", f"{_HERE}.flow:sign", "Sign a log as a device would."),
    "ingest": CommandPlace("prove", f"{_HERE}.flow:ingest", "Take in signed readings."),
    "gateway": CommandPlace("prove", f"{_HERE}.flow:gateway", "Store frames and hand them on."),
    "checkpoint": CommandPlace(
        "prove", f"{_HERE}.flow:checkpoint", "Log the readings since the last time."
    ),
    "show": CommandPlace("prove", f"{_HERE}.flow:show", "Write a proof of one reading."),
    "check": CommandPlace("prove", f"{_HERE}.check:check", "Find what is wrong with a series."),
    "forecast": CommandPlace("prove", f"{_HERE}.forecast:forecast", "Forecast the next readings."),
}


@click.group(cls=LazyGroup, places=SENSOR_COMMANDS)
def sensors() -> None:
    """Enrol devices, take in signed readings, check them."""
