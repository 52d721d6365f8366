"""The rule that the learned detector is measured against: patterns first, then header words."""

from collections.abc import Callable, Iterable
from typing import Final

from diptych.models.zoo.columns import features as seen

NAME, EMAIL, PHONE, ADDRESS = "person name", "e-mail", "phone", "postal address"
DATE, NATIONAL, BANK, NETWORK = "date", "national id", "bank or card", "network address"
TEXT, OTHER = "free text", "other"
CLASSES: Final = (NAME, EMAIL, PHONE, ADDRESS, DATE, NATIONAL, BANK, NETWORK, TEXT, OTHER)
"""What a column can be; the order is that of the model's outputs."""
PERSONAL: Final = frozenset(CLASSES) - {DATE, OTHER}
"""Classes that point to a person by themselves; a date does when it is one of birth."""
_MOST = 0.8


def _is_date(text: str) -> bool:
    return any(one.fullmatch(text) for one in (seen.ISO_DATE, seen.DATE, seen.WORDED_DATE))


def _is_network(text: str) -> bool:
    return any(one.fullmatch(text) for one in (seen.IPV4, seen.IPV6, seen.MAC))


def _is_sentence(text: str) -> bool:
    return len(text) > 40 and text.count(" ") >= 6


_BY_VALUE: Final[tuple[tuple[str, Callable[[str], object]], ...]] = (
    (EMAIL, seen.EMAIL.fullmatch),
    (BANK, seen.is_iban),
    (BANK, seen.is_card),
    (NETWORK, _is_network),
    (DATE, _is_date),
    (TEXT, _is_sentence),
)
_BY_HEADER: Final = (
    (DATE, ("birth", "dob", "date", "datum", "fecha")),
    (EMAIL, ("mail",)),
    (PHONE, ("phone", "mobile", "tel", "fax")),
    (NATIONAL, ("ssn", "national", "social_sec", "passport", "tax_id", "pesel", "cpf", "dni")),
    (BANK, ("iban", "credit_card", "card_number", "account_number")),
    (ADDRESS, ("addr", "street")),
    (TEXT, ("comment", "note", "remark", "description", "review")),
    (OTHER, ("product", "company", "city", "country", "title", "file", "brand", "user", "host")),
    (NAME, ("name", "patient", "surname", "nom", "vorname", "apellido")),
)


def guess(header: str, values: Iterable[object]) -> str:
    """Return the class of a column by rule.

    Args:
        header: its name.
        values: its cells.

    >>> guess("contact", ["ada@example.org", "max@example.org"])
    'e-mail'
    """
    texts, _ = seen.sample(values)
    if not texts:
        return OTHER
    for kind, test in _BY_VALUE:
        if sum(bool(test(text)) for text in texts) >= _MOST * len(texts):
            return kind
    words = header.lower()
    for kind, keys in _BY_HEADER:
        if any(key in words for key in keys):
            return kind
    return _by_shape(texts)


def _by_shape(texts: list[str]) -> str:
    """Guess where neither patterns nor header say anything."""

    def share(test: Callable[[str], object]) -> float:
        return sum(bool(test(text)) for text in texts) / len(texts)

    if share(lambda text: seen.PHONE.fullmatch(text) and not seen.NUMBER.fullmatch(text)) >= _MOST:
        return PHONE
    if share(lambda text: ("," in text or "\n" in text) and any(map(str.isdigit, text))) >= _MOST:
        return ADDRESS
    if share(_is_full_name) >= _MOST:
        return NAME
    return OTHER


def _is_full_name(text: str) -> bool:
    """Tell whether a text is two or three capitalised words and nothing else."""
    words = text.replace("-", " ").replace("'", "").split()
    return 2 <= len(words) <= 4 and all(
        word.rstrip(".").isalpha() and word[0].isupper() for word in words
    )
