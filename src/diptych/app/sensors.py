"""`book.data.sensors`: fleets, signed readings, checks; verbs are imported when first used."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diptych.app.verbs.data.fleets import DeviceState, FleetChanged
    from diptych.app.verbs.data.readings import Checkpointed
    from diptych.app.verbs.data.sensor_check import SeriesChecked
    from diptych.app.verbs.data.sensor_forecast import SeriesForecast, Wanted
    from diptych.app.workspace import Workspace
    from diptych.data.sensors.check import Options
    from diptych.data.sensors.store import Ingested


class SensorVerbs:
    """The verbs of `diptych data sensors` on one workspace.

    Args:
        workspace: where log and readings stand.
    """

    def __init__(self, workspace: "Workspace") -> None:
        self._workspace = workspace

    def enrol(self, fleet: str, keys: Sequence[tuple[str, str]]) -> "FleetChanged":
        """Let (device, key id) pairs join a fleet in one record."""
        from diptych.app.verbs.data.fleets import enrol

        return enrol(self._workspace, fleet, keys)

    def rotate(
        self, fleet: str, keys: Sequence[tuple[str, str]], *, until: int | None = None
    ) -> "FleetChanged":
        """Give devices new keys; see `app.verbs.data.fleets.rotate`."""
        from diptych.app.verbs.data.fleets import rotate

        return rotate(self._workspace, fleet, keys, until=until)

    def revoke(self, fleet: str, devices: Sequence[str]) -> "FleetChanged":
        """End the keys of devices."""
        from diptych.app.verbs.data.fleets import revoke

        return revoke(self._workspace, fleet, devices)

    def fleet(self, fleet: str) -> "list[DeviceState]":
        """Return the devices that may send now."""
        from diptych.app.verbs.data.fleets import list_fleet

        return list_fleet(self._workspace, fleet)

    def ingest(self, fleet: str, frames: Sequence[bytes], *, workers: int = 1) -> "Ingested":
        """Take in signed frames durably, without duplicates."""
        from diptych.app.verbs.data.fleets import open_readings
        from diptych.app.verbs.data.readings import Intake

        with open_readings(self._workspace, workers=workers) as store:
            return Intake(self._workspace, store, fleet).take(frames)

    def checkpoint(self, fleet: str) -> "Checkpointed":
        """Log the readings since the last checkpoint under one root."""
        from diptych.app.verbs.data.readings import checkpoint_readings

        return checkpoint_readings(self._workspace, fleet)

    def show(self, fleet: str, device: str, counter: int) -> bytes:
        """Return a bundle that proves one reading."""
        from diptych.app.verbs.data.readings import prove_reading

        return prove_reading(self._workspace, fleet, device, counter)

    def check(self, what: Path | str, *, options: "Options | None" = None) -> "SeriesChecked":
        """Find what is wrong with a CSV log (a `Path`) or with `FLEET/DEVICE` (a text)."""
        from diptych.app.verbs.data.sensor_check import check_device, check_log

        if isinstance(what, Path):
            return check_log(self._workspace.start / what, options)
        fleet, _, device = what.partition("/")
        return check_device(self._workspace, fleet, device, options)

    def forecast(self, what: Path | str, *, wanted: "Wanted | None" = None) -> "SeriesForecast":
        """Forecast a CSV log (a `Path`) or `FLEET/DEVICE` (a text), flagged readings left out."""
        from diptych.app.verbs.data.sensor_forecast import forecast_device, forecast_log

        if isinstance(what, Path):
            path = self._workspace.start / what
            return forecast_log(path, wanted, progress=self._workspace.progress)
        fleet, _, device = what.partition("/")
        return forecast_device(self._workspace, fleet, device, wanted)
