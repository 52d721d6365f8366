"""What happens to attributes that Table E.1-1 does not name.

The standard keeps them all. Here stays what describes an image; names, times, addresses, remarks
and binary data of unknown content go, and UIDs of instances are replaced.
"""

import re
from typing import Any

PIXELS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
WAVEFORM = frozenset({0x5400100A, 0x54001010})
"""Samples, and the value that stands for none; what is longer is cut off beforehand."""
_SIGNALS = PIXELS | WAVEFORM
_OPTIONAL = frozenset({0x54000110, 0x54000112})  # least and greatest value: binary, of any length
_NEVER = {"PN", "AE", "UN", "UR"}
_TIMES = {"DA", "DT", "TM"}
_PROSE = {"LT", "ST", "UT"}
_TEXTS = {"LO", "SH", "UC", *_PROSE}
_REMARK = re.compile(r"Comment|Description|Explanation|Label|Notes|Purpose|Reason|Text|Title")
_KINDS = re.compile(
    r"SOPClass|TransferSyntax|CodingScheme|ContextUID|ContextGroup|MappingResource|CreatorVersion"
)
_CONCEPT = 0x0040A043
_VALUES = {0x0040A168: "D", 0x0040A300: "Z"}  # type 1 and 2 of an item: a code, a number
_OF_PERSONS = {("DCM", "121032"), ("DCM", "121033"), ("NCIt", "C54627")}
_LISTED = """
    BoardingPassID CarrierID ContactDisplayName EncryptedAttributesSequence HangingProtocolCreator
    HangingProtocolUserGroupName ItineraryID NTPSourceAddress OwnerID
    PatientBirthDateInAlternativeCalendar PatientDeathDateInAlternativeCalendar PrinterName
    """
_PERSONAL = frozenset(_LISTED.split())


def outside_action(tag: int, vr: str, retained: frozenset[str], *, nested: bool) -> tuple[str, str]:
    """Return action and keyword of an attribute that the table does not name.

    Args:
        tag: of the attribute.
        vr: its value representation.
        retained: options of the profile.
        nested: whether it stands within a sequence, where no pixels belong.

    >>> outside_action(0x00080060, "CS", frozenset(), nested=False)
    ('K', 'Modality')
    >>> outside_action(0x00100033, "LO", frozenset(), nested=False)
    ('X', 'PatientBirthDateInAlternativeCalendar')
    """
    from pydicom.datadict import dictionary_has_tag, keyword_for_tag

    if tag >> 24 == 0x60:
        return "X", "Overlay"
    if tag & 0xFFFF == 0:
        return "X", "GroupLength"
    if not dictionary_has_tag(tag):
        return "X", "UnknownAttribute"
    keyword = keyword_for_tag(tag) or "RetiredAttribute"
    if vr in _NEVER or keyword in _PERSONAL or tag in (_OPTIONAL | PIXELS if nested else _OPTIONAL):
        return "X", keyword
    if vr in _TIMES:
        dated = retained & {"dates", "modified-dates"}
        return ("X" if not dated else "K" if "dates" in dated else "C"), keyword
    if vr == "UI":
        kept = "uids" in retained or _KINDS.search(keyword)
        return ("K" if kept else "U"), keyword
    if vr in _TEXTS:
        return _text_action(tag, vr, keyword), keyword
    return ("X" if vr == "OB" and tag not in _SIGNALS else "K"), keyword


def _text_action(tag: int, vr: str, keyword: str) -> str:
    from pydicom.datadict import dictionary_is_retired

    if dictionary_is_retired(tag):
        return "X"
    return "C" if vr in _PROSE or _REMARK.search(keyword) else "K"


def content_action(level: Any, tag: int, retained: frozenset[str]) -> str:
    """Return what happens to the value of a report's item that says age, sex or experience.

    Source: PS3.15 2026d, Table E.3.4-1, the items whose value is no text, date, name or reference;
    those are found by their own attributes. Empty for all else.

    Args:
        level: the item.
        tag: of one of its attributes.
        retained: options of the profile.
    """
    if tag not in _VALUES or "patient" in retained or _CONCEPT not in level:
        return ""
    codes = {(one.get("CodingSchemeDesignator"), one.get("CodeValue")) for one in level[_CONCEPT]}
    return _VALUES[tag] if codes & _OF_PERSONS else ""
