"""Responsible-AI fields of Croissant: read, checked, merged and written.

Source: https://docs.mlcommons.org/croissant/docs/croissant-rai-spec.html (1.0), whose table gives
names and cardinalities.
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from diptych.core.errors import JsonValue, MalformedError, UsageError
from diptych.data.interop.croissant import BadCroissant
from diptych_verify.jsonio import shown
from diptych_verify.strict_toml import strict_toml

CONFORMS_TO: Final = "http://mlcommons.org/croissant/RAI/1.0"
FORMAT: Final = "diptych-rai/1"
MAX_BYTES: Final = 256 << 10
_MAX_TEXT: Final = 20_000
_MAX_VALUES: Final = 200
_STARTS: Final = ("rai:", "http://mlcommons.org/croissant/RAI/")
_TIMEFRAME = "dataCollectionTimeframe"
PROPERTIES: Final[Mapping[str, bool]] = MappingProxyType(
    {
        "dataCollection": False,
        "dataCollectionType": True,
        "dataCollectionMissingData": False,
        "dataCollectionRawData": False,
        _TIMEFRAME: True,
        "dataImputationProtocol": False,
        "dataManipulationProtocol": False,
        "dataPreprocessingProtocol": True,
        "dataAnnotationProtocol": False,
        "dataAnnotationPlatform": True,
        "dataAnnotationAnalysis": True,
        "dataReleaseMaintenancePlan": True,
        "personalSensitiveInformation": True,
        "dataSocialImpact": False,
        "dataBiases": True,
        "dataLimitations": True,
        "dataUseCases": True,
        "annotationsPerItem": False,
        "annotatorDemographics": True,
        "machineAnnotationTools": True,
    }
)
"""Whether a property takes many values."""
Fields = Mapping[str, tuple[str, ...]]


class BadResponsible(UsageError):
    """A file of responsible-AI fields is malformed, or names a field that there is not."""

    code = "Croissant.BadResponsible"


def parse_responsible(raw: bytes) -> Fields:
    """Parse a user's file: TOML with `format` and the names of the vocabulary, without prefix.

    Raises:
        BadResponsible: naming the field, what was found and what was expected.
    """
    try:
        members: dict[str, Any] = strict_toml(raw, max_bytes=MAX_BYTES)
    except MalformedError as error:
        raise BadResponsible(f"cannot read the fields: {error}") from None
    found = members.pop("format", None)
    if found != FORMAT:
        raise BadResponsible(f"format: got {found!r:.80}, expected '{FORMAT}'")
    unknown = sorted(set(members) - set(PROPERTIES))
    if unknown:
        raise BadResponsible(
            f"got the unknown field {unknown[0]!a:.80}", hint=f"there are {', '.join(PROPERTIES)}"
        )
    try:
        return {name: _values(name, value) for name, value in members.items()}
    except BadCroissant as error:
        raise BadResponsible(error.message) from None


def said_in(responsible: Mapping[str, JsonValue]) -> tuple[Fields, tuple[str, ...]]:
    """Return the known fields of a description, and notes on those that RAI 1.0 does not have.

    Args:
        responsible: members of the description with their prefixes, as they are written.

    Raises:
        BadCroissant: a field is no text, or has two values where one is allowed.
    """
    found: dict[str, tuple[str, ...]] = {}
    notes = []
    for key, value in responsible.items():
        start = next((one for one in _STARTS if key.startswith(one)), None)
        if start is None:
            continue
        name = key.removeprefix(start)
        # The library of the standard's authors spells one name otherwise than the standard.
        name = _TIMEFRAME if name == "dataCollectionTimeFrame" else name
        if name not in PROPERTIES:
            notes.append(f"rai:{name[:60]} is no field of RAI 1.0: kept in the description only")
        elif name in found:
            raise BadCroissant(f"rai:{name} is there twice")
        else:
            found[name] = _values(name, value)
    return found, tuple(notes)


def merged(stated: Fields, known: Fields) -> Fields:
    """Return what people state, followed by what records know; one value is theirs alone."""
    found = {}
    for name, many in PROPERTIES.items():
        values = (
            *stated.get(name, ()),
            *(known.get(name, ()) if many or name not in stated else ()),
        )
        if values:
            found[name] = tuple(dict.fromkeys(values))
    return found


def members_of(fields: Fields) -> dict[str, JsonValue]:
    """Return the members of a description."""
    return {
        f"rai:{name}": list[JsonValue](values) if PROPERTIES[name] else values[0]
        for name, values in fields.items()
    }


def _values(name: str, value: Any) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else [value]
    if not PROPERTIES[name] and len(listed) != 1:
        raise BadCroissant(f"rai:{name}: got {len(listed)} values, expected one")
    if not 1 <= len(listed) <= _MAX_VALUES:
        raise BadCroissant(f"rai:{name}: got {len(listed)} values, expected 1 to {_MAX_VALUES}")
    return tuple(_text(name, one) for one in listed)


def _text(name: str, value: Any) -> str:
    text = value.get("@value") if isinstance(value, dict) else value
    if type(text) is int and name == "annotationsPerItem":
        text = str(text)
    if not isinstance(text, str) or not text.strip() or len(text) > _MAX_TEXT:
        raise BadCroissant(f"rai:{name}: got {shown(text)}, expected a text")
    if name == _TIMEFRAME:
        try:
            datetime.fromisoformat(text)
        except ValueError:
            raise BadCroissant(f"rai:{name}: got {shown(text)}, expected a date") from None
    return text
