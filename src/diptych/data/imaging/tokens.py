"""Which values of a file identify somebody: names part by part, ids, places, dates and UIDs."""

import re
from collections.abc import Iterator
from typing import Any

from diptych.data.imaging.profile import Profile
from diptych.data.imaging.table import load_table

SHORTEST = 4
_DATE = 8
_KEYWORDS = """
    PatientID IssuerOfPatientID OtherPatientIDs AccessionNumber StudyID AdmissionID InstitutionName
    InstitutionAddress StationName DeviceSerialNumber PatientAddress PatientTelephoneNumbers
    PatientTelecomInformation MedicalRecordLocator MilitaryRank ReferringPhysicianAddress
    ReferringPhysicianTelephoneNumbers PersonAddress PersonTelephoneNumbers RequestedProcedureID
    ScheduledProcedureStepID PerformedProcedureStepID FillerOrderNumberImagingServiceRequest
    PlacerOrderNumberImagingServiceRequest InsurancePlanIdentification ResponsibleOrganization
    ClinicalTrialSubjectID ClinicalTrialSubjectReadingID ServiceEpisodeID
    """
_IDENTIFYING = frozenset(_KEYWORDS.split())
_FIXED = ("anonymized", "diptych", "19000101")
_TERMS = {"text", "code", "container", "contains", "none", "unknown", "original", "derived"}


def identifiers(original: Any, profile: Profile) -> frozenset[tuple[str, str]]:
    """Return pairs of keyword and value, from 4 characters, that must not stay in the file.

    Words that the standard itself uses (`TEXT`, `ORIGINAL`) are left out, and what an option keeps.
    """
    return frozenset(_identifiers(original, profile))


def _identifiers(original: Any, profile: Profile) -> Iterator[tuple[str, str]]:
    table = load_table()
    for element in original.iterall():
        rule = table.find(int(element.tag))
        if rule is None or element.tag.is_private or element.VR == "SQ":
            continue
        action = rule.action(profile.retain)
        kept = element.VR == "UI" and "uids" in profile.retain
        if kept or action == "K" or (action == "C" and element.VR == "TM"):
            continue
        for token in _tokens(element, rule.keyword):
            if len(token) >= SHORTEST and _is_telling(token.lower()):
                yield rule.keyword, token


def _tokens(element: Any, keyword: str) -> Iterator[str]:
    value = element.value
    many = value if isinstance(value, list | tuple) or hasattr(value, "append") else [value]
    for one in many:
        text = str(one).strip() if one is not None and not isinstance(one, bytes) else ""
        if element.VR == "PN":
            yield from re.split(r"[\^= ,]+", text)
        elif keyword in _IDENTIFYING or _is_date(element.VR, text) or _is_uid(element.VR, text):
            yield text


def _is_date(vr: str, text: str) -> bool:
    return vr == "DA" and len(text) == _DATE and text.isdigit()


def _is_uid(vr: str, text: str) -> bool:
    return vr == "UI" and not text.startswith("1.2.840.10008.")


def _is_telling(token: str) -> bool:
    return token not in _TERMS and not any(one in token for one in _FIXED)


def occurs(token: str, text: str) -> bool:
    """Tell whether a value occurs in a text; short ones only as a word of its own.

    >>> occurs("Smith", "MRI of SMITH_J"), occurs("Smith", "Smithers 2")
    (True, False)
    """
    folded, wanted = text.casefold(), token.casefold()
    if wanted not in folded:
        return False
    if len(token) > _DATE:
        return True
    return re.search(rf"(?<![^\W_]){re.escape(wanted)}(?![^\W_])", folded) is not None
