"""What can go wrong with fleets and readings."""

from diptych.core.errors import EnvironmentFault, ProvenanceError, UsageError


class BadFleet(UsageError):
    """A fleet, device name or device key is malformed, taken, unknown or no longer valid."""

    code = "Sensors.BadFleet"


class BadSeries(UsageError):
    """A log of readings cannot be used: no such columns, not numbers, too short."""

    code = "Sensors.BadSeries"


class NoSuchReading(UsageError):
    """No such reading is stored here, or no checkpoint covers it yet."""

    code = "Sensors.NoSuchReading"


class NothingNew(UsageError):
    """There are no readings since the last checkpoint."""

    code = "Sensors.NothingNew"


class StoreCorrupt(ProvenanceError):
    """The file of readings is damaged, or was written by a newer version."""

    code = "Sensors.StoreCorrupt"


class BrokerFault(EnvironmentFault):
    """The MQTT broker cannot be reached, or refuses the connection."""

    code = "Sensors.BrokerFault"
