"""A strict rule for a warning that nobody asked for: few false alarms, no model to load.

`guess` flags every fifth column of no personal kind (see the card), too many for a note at each
seal. Here a pattern with structure, or a header whose words are whole, must say it.
"""

from collections.abc import Sequence
from typing import Final

from diptych.models.zoo.columns.pseudonyms import is_pseudonym, words_of
from diptych.models.zoo.columns.rules import BANK, DATE, EMAIL, NAME, NETWORK, guess

_BIRTH: Final = frozenset({"birth", "birthdate", "birthday", "born", "dob", "dateofbirth"})
_NAMES: Final = frozenset({"surname", "lastname", "firstname", "forename", "vorname", "nachname"})
_WHOSE_NAME: Final = frozenset(
    {"first", "last", "given", "family", "full", "middle", "maiden", "patient", "customer"}
)
_NUMBERS: Final = frozenset(
    {"phone", "telephone", "mobile", "cellphone", "ssn", "passport", "iban", "email"}
)
_STREETS: Final = frozenset({"street", "address"})
_MACHINES: Final = frozenset({"ip", "mac", "memory", "bus", "web", "url", "contract", "wallet"})


def surely_personal(header: str, cells: Sequence[object]) -> bool:
    """Tell whether a column is personal beyond doubt, by patterns and whole words alone.

    Args:
        header: its name.
        cells: some of its values.

    >>> surely_personal("contact", ["ada@example.org", "max@example.org"])
    True
    >>> surely_personal("hotel_name", ["Ritz", "Astoria"])
    False
    """
    by_value = guess("", cells)
    if by_value in {EMAIL, BANK, NETWORK} or is_pseudonym(header, cells):
        return True
    words = frozenset(words_of(header))
    if words & _BIRTH:
        return by_value == DATE
    named = "name" in words and (bool(words & _WHOSE_NAME) or by_value == NAME)
    place = bool(words & _STREETS) and not words & _MACHINES
    return named or place or bool(words & (_NAMES | _NUMBERS))
