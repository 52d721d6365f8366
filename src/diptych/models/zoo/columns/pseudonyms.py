"""Codes that stand for people: subject, patient and customer numbers.

A pseudonym is personal data of whoever can look the person up (GDPR, article 4(5) and recital 26).
The model learned from values that show it by themselves; a code shows it by its header alone, so
this is a rule. Header names of clinical trials are those of CDISC SDTM (USUBJID, SUBJID).
"""

import re
from collections.abc import Iterable
from typing import Final

from diptych.models.zoo.columns.features import sample

PSEUDONYM: Final = "pseudonym"
_PEOPLE: Final = frozenset(
    {"subject", "patient", "participant", "person", "customer", "member", "employee", "proband"}
)
_NUMBER: Final = frozenset({"id", "no", "nr", "num", "number", "code", "identifier", "key"})
_SAYS_NO_MORE: Final = frozenset({"study", "trial", "site", "unique", "pseudo", "anonymous"})
_EXACT: Final = frozenset(
    {"usubjid", "subjid", "mrn", "pidnum", "ptid", "patid", "medicalrecordnumber"}
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_CODE = re.compile(r"(?=[^\d]*\d)[A-Za-z0-9]+(?:[-._/:#][A-Za-z0-9]+)*")
_MAX_CODE = 64
_FLAGS: Final = frozenset({"0", "1"})
_MOST = 0.8
_MANY = 10


def is_pseudonym(header: str, values: Iterable[object]) -> bool:
    """Tell whether a column holds codes of people: by its header, and by mostly distinct codes.

    A table with a row for each visit names each person several times, so ten distinct codes are
    enough; two or three levels of a factor are not.

    Args:
        header: its name.
        values: its cells.

    >>> is_pseudonym("subject", ["S0001", "S0002", "S0003"])
    True
    >>> is_pseudonym("sensor_id", ["S0001", "S0002", "S0003"])
    False
    """
    if not _names_people(header):
        return False
    texts, read = sample(values)
    if not texts or _FLAGS.issuperset(texts):
        return False
    codes = sum(len(text) <= _MAX_CODE and bool(_CODE.fullmatch(text)) for text in texts)
    return codes >= _MOST * len(texts) and (len(texts) >= _MANY or 2 * len(texts) >= read)


def words_of(header: str) -> list[str]:
    """Return the words of a header in lower case.

    >>> words_of("patientID_no2")
    ['patient', 'id', 'no', '2']
    """
    return [word.lower() for word in _WORD.findall(header)]


def _names_people(header: str) -> bool:
    words = words_of(header)
    if "".join(words) in _EXACT:
        return True
    parts = {part for word in words for part in _parts(word)}
    return bool(parts & _PEOPLE) and parts <= _PEOPLE | _NUMBER | _SAYS_NO_MORE


def _parts(word: str) -> tuple[str, ...]:
    """Return `patientid` as its two words; other words as they are."""
    for people in _PEOPLE:
        if word.startswith(people) and word.removeprefix(people) in _NUMBER:
            return people, word.removeprefix(people)
    return (word,)
