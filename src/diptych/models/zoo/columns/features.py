"""Features of a table's column: what its values and its header look like, as `FEATURES` numbers.

Shared by training and serving. Nothing of a value leaves this module: features are shares, means
and hashed letter groups over at most 200 distinct values.
"""

import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from math import log2, sqrt
from statistics import fmean, pstdev
from typing import Final

MAX_VALUES: Final = 200
MAX_LENGTH: Final = 300
VALUE_BUCKETS: Final = 96
HEADER_BUCKETS: Final = 32
_SIGNS: Final = "@.-/:,'+()_#&%"
_TOKEN = re.compile(r"[^\W\d_]+")
_WORD = re.compile(r"\w+")

EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(?:\.[^@\s.]+)+")
IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)")
IPV6 = re.compile(r"(?=.*:.*:)[0-9a-fA-F:]{4,39}(?:%\w+)?")
MAC = re.compile(r"(?:[0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}")
IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
CARD = re.compile(r"\d{13,19}")
UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
URL = re.compile(r"(?:https?|ftp)://\S+|www\.\S+")
NUMBER = re.compile(r"[-+]?\d*[.,]?\d+(?:[eE][-+]?\d+)?%?")
INTEGER = re.compile(r"[-+]?\d+")
ISO_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}(?:[T ]\d{1,2}:\d{2}.*)?")
DATE = re.compile(r"\d{1,4}[./ -]\d{1,2}[./ -]\d{1,4}")
WORDED_DATE = re.compile(r"\d{1,2}\.? [^\W\d]{3,}\.? \d{2,4}|[^\W\d]{3,}\.? \d{1,2},? \d{4}")
TIME = re.compile(r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[AaPp][Mm])?")
PHONE = re.compile(r"(?=(?:\D*\d){7,15}\D*$)\+?[\d\s().x/-]{8,24}")
GROUPED = re.compile(r"[A-Z0-9]{1,6}(?:[-. /][A-Z0-9]{1,6}){1,6}")
CODE = re.compile(r"(?=.*\d)(?=.*[A-Z])[A-Z0-9]{4,18}")
INITIAL = re.compile(r"[^\W\d_]\.")

_PATTERNS: Final[tuple[re.Pattern[str], ...]] = (
    *(EMAIL, IPV4, IPV6, MAC, UUID, URL, NUMBER, INTEGER, ISO_DATE, DATE, WORDED_DATE, TIME),
    *(PHONE, GROUPED, CODE),
)

_KEYWORDS: Final = {
    "name": ("name", "nom", "nombre", "navn", "namn", "imie", "nazwisko", "vorname", "apellido"),
    "person": (
        "first",
        "last",
        "sur",
        "family",
        "given",
        "middle",
        "patient",
        "customer",
        "person",
    ),
    "mail": ("mail",),
    "phone": ("phone", "tel", "mobile", "cell", "fax", "handy"),
    "address": ("addr", "street", "strasse", "road", "rue", "calle", "adres"),
    "born": ("birth", "dob", "born", "geburt", "naissance", "nacimiento"),
    "date": ("date", "time", "day", "datum", "fecha", "_at", "_on"),
    "national": ("ssn", "national", "social", "passport", "nino", "pesel", "cpf", "tax", "dni"),
    "bank": ("iban", "account", "card", "bank", "credit"),
    "network": ("ip", "host", "mac", "address"),
    "text": ("note", "comment", "text", "descr", "remark", "message", "review", "summary"),
    "thing": ("product", "company", "city", "country", "title", "brand", "file", "item", "job"),
}


def _header_flags(header: str) -> list[float]:
    words = header.lower()
    return [float(any(word in words for word in group)) for group in _KEYWORDS.values()]


def sample(values: Iterable[object]) -> tuple[list[str], int]:
    """Return up to 200 distinct texts in order of appearance, and how many values were read.

    Empty cells and cells that say that there is nothing are left out; reading stops after 20,000.
    """
    distinct: dict[str, None] = {}
    read = 0
    for value in islice(values, 20_000):
        text = "" if value is None else str(value).strip()
        if not text or text.lower() in _NOTHING:
            continue
        read += 1
        if len(distinct) < MAX_VALUES:
            distinct[text[:MAX_LENGTH]] = None
    return list(distinct), read


_NOTHING: Final = frozenset({"na", "n/a", "nan", "null", "none", "-", "."})


def column_features(header: str, values: Iterable[object]) -> list[float]:
    """Return the features of one column.

    Args:
        header: its name; may be empty or say nothing.
        values: its cells, in any order.

    Returns:
        `FEATURES` numbers, all finite; zeros for a column without values.
    """
    texts, read = sample(values)
    numbers = _statistics(texts, read) if texts else [0.0] * _STATISTICS
    letters = _hashed((_trigrams(texts) if texts else []), VALUE_BUCKETS)
    head = _hashed(_grams(_folded(header)), HEADER_BUCKETS)
    return [*numbers, *letters, *_header_flags(header), *head]


def _statistics(texts: Sequence[str], read: int) -> list[float]:
    found = [*_lengths(texts, read), *_signs(texts), *_forms(texts), *_words(texts), *_ends(texts)]
    return [min(max(number, -10.0), 10.0) for number in found]


def _lengths(texts: Sequence[str], read: int) -> list[float]:
    """Return how many values there are, how long, and of how many words: 11 numbers."""
    lengths = [len(text) for text in texts]
    counts = [len(_WORD.findall(text)) for text in texts]
    return [
        log2(1 + len(texts)) / 8,
        len(texts) / max(read, 1),
        fmean(lengths) / 50,
        pstdev(lengths) / 50,
        min(lengths) / 50,
        max(lengths) / 100,
        max(Counter(lengths).values()) / len(texts),
        fmean(counts) / 10,
        pstdev(counts) / 10,
        sum(count in (2, 3) for count in counts) / len(texts),
        sum(count == 1 for count in counts) / len(texts),
    ]


def _signs(texts: Sequence[str]) -> list[float]:
    """Return shares of kinds of characters and of signs."""
    joined = "".join(texts)
    size = len(joined)
    return [
        *(sum(map(kind, joined)) / size for kind in _KINDS),
        sum(ord(char) > 127 for char in joined) / size,
        *(joined.count(sign) / size * 5 for sign in _SIGNS),
    ]


def _forms(texts: Sequence[str]) -> list[float]:
    """Return shares of values of known forms, and how alike their shapes are."""
    shapes = Counter(_shape(text) for text in texts)
    return [
        *(sum(map(bool, map(one.fullmatch, texts))) / len(texts) for one in _PATTERNS),
        _share(texts, is_iban),
        _share(texts, is_card),
        max(shapes.values()) / len(texts),
        len(shapes) / len(texts),
    ]


def _words(texts: Sequence[str]) -> list[float]:
    """Return how words are written and how often they come again: 6 numbers."""
    flat = [word.lower() for text in texts for word in _WORD.findall(text)]
    tokens = [token for text in texts for token in _TOKEN.findall(text)]
    shared = Counter(flat)
    count = max(len(tokens), 1)
    return [
        fmean(map(len, tokens)) / 10 if tokens else 0.0,
        sum(token[0].isupper() and token[1:].islower() for token in tokens) / count,
        sum(token.isupper() for token in tokens) / count,
        sum(token.islower() for token in tokens) / count,
        len(shared) / max(len(flat), 1),
        max(shared.values()) / len(texts) if shared else 0.0,
    ]


def _ends(texts: Sequence[str]) -> list[float]:
    """Return how values begin and end, and which years they name: 8 numbers."""
    tokens = [token for text in texts for token in _TOKEN.findall(text)]
    return [
        _share(texts, lambda text: text[-1] in ".!?" and " " in text),
        _share(texts, lambda text: INITIAL.search(text) is not None),
        _share(texts, lambda text: text[0].isdigit()),
        _share(texts, lambda text: text[-1].isdigit()),
        _share(texts, lambda text: "\n" in text or ", " in text),
        _vowels(tokens),
        _years(texts, 1900, 2012),
        _years(texts, 2013, 2035),
    ]


_KINDS: Final[tuple[Callable[[str], bool], ...]] = (
    str.isdigit,
    str.isalpha,
    str.isupper,
    str.islower,
    str.isspace,
)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_STATISTICS: Final = 11 + len(_KINDS) + 1 + len(_SIGNS) + len(_PATTERNS) + 2 + 16


def _share(texts: Sequence[str], test: Callable[[str], bool]) -> float:
    return sum(map(test, texts)) / len(texts)


def _shape(text: str) -> str:
    """Return the run-length shape of a text: letters `a`, digits `9`, others as they are."""
    marks = ["9" if char.isdigit() else "a" if char.isalpha() else char for char in text]
    return "".join(mark for at, mark in enumerate(marks) if not at or mark != marks[at - 1])


def _years(texts: Sequence[str], first: int, last: int) -> float:
    """Return the share of texts with a year of that span."""
    return _share(texts, lambda text: any(first <= int(y) <= last for y in _YEAR.findall(text)))


def _vowels(tokens: Sequence[str]) -> float:
    """Return the share of tokens that end in a vowel."""
    ends = sum(_folded(token)[-1:] in tuple("aeiouy") for token in tokens)
    return ends / max(len(tokens), 1)


def is_iban(text: str) -> bool:
    """Tell whether a text is an IBAN with right check digits (ISO 13616, ISO 7064 MOD 97-10).

    >>> is_iban("GB82 WEST 1234 5698 7654 32")
    True
    """
    plain = text.replace(" ", "").upper()
    if IBAN.fullmatch(plain) is None:
        return False
    digits = "".join(str(int(char, 36)) for char in plain[4:] + plain[:4])
    return int(digits) % 97 == 1


def is_card(text: str) -> bool:
    """Tell whether a text is a card number with a right check digit (ISO/IEC 7812, Luhn).

    >>> is_card("4539 1488 0343 6467")
    True
    """
    plain = text.replace(" ", "").replace("-", "")
    if not plain.isascii() or CARD.fullmatch(plain) is None:
        return False
    doubled = [int(char) * (1 + position % 2) for position, char in enumerate(reversed(plain))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.lower())
    return "".join(char for char in plain if not unicodedata.combining(char))


def _trigrams(texts: Sequence[str]) -> list[str]:
    return [
        gram for text in texts for token in _TOKEN.findall(_folded(text)) for gram in _grams(token)
    ]


def _grams(text: str) -> list[str]:
    padded = f"^{text}$"
    return [padded[at : at + 3] for at in range(len(padded) - 2)]


def _hashed(grams: Sequence[str], buckets: int) -> list[float]:
    """Return signed counts of hashed groups, scaled to length 1."""
    counts = [0.0] * buckets
    for gram, times in Counter(grams).items():
        code = zlib.crc32(gram.encode())
        counts[code % buckets] += times if code >> 16 & 1 else -times
    length = sqrt(sum(count * count for count in counts))
    return [count / length for count in counts] if length else counts


FEATURES: Final = _STATISTICS + VALUE_BUCKETS + len(_KEYWORDS) + HEADER_BUCKETS
