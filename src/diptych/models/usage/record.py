"""One use: who, what, when, how much. Compact in the database, canonical JSON when hashed."""

import re
from dataclasses import dataclass

from diptych.core.errors import UsageError

MAX_UNITS = 2**40
_LICENSEE = re.compile(r"(?:ed25519|secp256k1|hmac):[0-9a-f]{40,66}")
_ASSET = re.compile(r"[0-9a-f]{64}")
_ACTION = re.compile(r"[a-z][A-Za-z0-9-]{0,31}")
_LEAF = b'["%b",%d,%d,"%b","%b",%d,%d]'


class BadUsage(UsageError):
    """A use has no licensee by key id or pseudonym, no asset, or impossible units or time."""

    code = "Usage.BadRecord"


@dataclass(frozen=True, slots=True)
class UsageRecord:
    """One call or download.

    Attributes:
        licensee: key id or pseudonym, never a name.
        asset: hex record id of what was used.
        action: what was done, for example `execute`.
        time_s: when, whole seconds since the epoch.
        units: how much, for example 1 call or 812 tokens.
    """

    licensee: str
    asset: str
    action: str
    time_s: int
    units: int = 1


def require_valid(record: UsageRecord) -> None:
    """Refuse a use that could not be hashed or summed.

    Raises:
        BadUsage: naming the field.
    """
    for field, pattern in (("licensee", _LICENSEE), ("asset", _ASSET), ("action", _ACTION)):
        value = getattr(record, field)
        if pattern.fullmatch(value) is None:
            raise BadUsage(f"usage: got {field} '{value[:80]}', expected {pattern.pattern}")
    if not (0 <= record.units <= MAX_UNITS and 0 <= record.time_s < 2**40):
        raise BadUsage(
            f"usage: got {record.units} units at {record.time_s} s, expected 0 to {MAX_UNITS} units"
        )


def leaf_entry(record: UsageRecord, sequence: int, running_units: int) -> bytes:
    """Return the canonical JSON that stands for a use in its licensee's tree.

    Args:
        record: a valid use, whose texts need no escaping.
        sequence: how many uses of this licensee came before.
        running_units: units of this licensee, this use included.
    """
    return _LEAF % (
        record.licensee.encode(),
        sequence,
        record.time_s,
        record.asset.encode(),
        record.action.encode(),
        record.units,
        running_units,
    )
