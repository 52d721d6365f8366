"""Seeded columns to learn from: each class has generator families, and families never mix.

A family is a locale of Faker (names, addresses, phones and national numbers of one country are made
from lists and formats of that country) or, for what is not personal, one provider. The test holds
whole locales and whole providers that training never saw, so that it asks what happens in a country
and in a kind of table that is new.
"""

import random
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from faker import Faker

from diptych.models.zoo.columns.rules import (
    ADDRESS,
    BANK,
    DATE,
    EMAIL,
    NAME,
    NATIONAL,
    NETWORK,
    OTHER,
    PHONE,
    TEXT,
)

TRAIN_LOCALES = (
    *("en_US", "en_GB", "de_DE", "fr_FR", "es_ES", "it_IT", "nl_NL", "da_DK", "cs_CZ", "hu_HU"),
    *("pt_BR", "en_IN", "ro_RO", "hr_HR", "fr_CH", "es_MX", "de_AT", "no_NO", "en_AU", "id_ID"),
)
TEST_LOCALES = (
    *("pl_PL", "sv_SE", "fi_FI", "tr_TR", "pt_PT", "en_CA", "es_AR", "sk_SK", "sl_SI", "de_CH"),
    *("en_NZ", "fr_BE", "et_EE", "lt_LT"),
)
Make = Callable[[Faker, random.Random], str]
_DATES = ("%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y%m%d", "%d %b %Y", "%Y-%m-%dT%H:%M:%S")


@dataclass(frozen=True)
class Column:
    """One column with its class, the family it comes from, and what its header is."""

    kind: str
    family: str
    header: str
    header_kind: str
    values: tuple[str, ...]


_PERSONAL: dict[str, tuple[tuple[str, Make], ...]] = {
    NAME: (
        ("full", lambda f, r: f"{f.first_name()} {f.last_name()}"),
        ("last first", lambda f, r: f"{f.last_name()}, {f.first_name()}"),
        ("first", lambda f, r: f.first_name()),
        ("last", lambda f, r: f.last_name()),
        ("upper", lambda f, r: f"{f.last_name()} {f.first_name()}".upper()),
        ("initial", lambda f, r: f"{f.first_name()[0]}. {f.last_name()}"),
        ("middle", lambda f, r: f"{f.first_name()} {r.choice('ABCDEHJKLMRST')}. {f.last_name()}"),
        ("titled", lambda f, r: f.name()),
        ("lower", lambda f, r: f"{f.first_name()} {f.last_name()}".lower()),
    ),
    EMAIL: (("mail", lambda f, r: f.email()), ("work", lambda f, r: f.company_email())),
    PHONE: (
        ("local", lambda f, r: f.phone_number()),
        ("plain", lambda f, r: "".join(c for c in f.phone_number() if c.isdigit() or c == "+")),
    ),
    ADDRESS: (
        ("street", lambda f, r: f.street_address()),
        ("whole", lambda f, r: f.address().replace("\n", ", ")),
        ("lines", lambda f, r: f.address()),
    ),
    NATIONAL: (("ssn", lambda f, r: str(f.ssn())),),
    BANK: (("iban", lambda f, r: f.iban()), ("card", lambda f, r: f.credit_card_number())),
    NETWORK: (
        ("v4", lambda f, r: f.ipv4()),
        ("v6", lambda f, r: f.ipv6()),
        ("mac", lambda f, r: f.mac_address()),
    ),
    TEXT: (
        ("sentence", lambda f, r: f.sentence(nb_words=r.randint(6, 14))),
        ("text", lambda f, r: f.text(max_nb_chars=r.randint(60, 250))),
    ),
}
_FEW = (
    ("Yes", "No", "Unknown"),
    ("Male", "Female"),
    ("Screening", "Baseline", "Follow-up", "Unscheduled"),
    ("Mild", "Moderate", "Severe"),
    ("North", "South", "East", "West"),
    ("Left", "Right", "Both"),
    ("Aspirin", "Placebo", "Ibuprofen", "Metformin"),
    ("Red wine", "White wine", "Beer"),
    ("Open", "Closed", "In progress"),
)
_GENERA = ("Salmonella", "Quercus", "Canis", "Felis", "Rosa", "Escherichia", "Bacillus", "Pinus")
_EPITHETS = ("enterica", "robur", "lupus", "silvestris", "canina", "coli", "subtilis", "nigra")
_OTHER_TRAIN: dict[str, Make] = {
    "company": lambda f, r: f.company(),
    "city": lambda f, r: f.city(),
    "word": lambda f, r: f.word(),
    "job": lambda f, r: f.job(),
    "uuid": lambda f, r: f.uuid4(),
    "integer": lambda f, r: str(r.randint(0, 10 ** r.randint(1, 8))),
    "float": lambda f, r: f"{r.gauss(50, 20):.3f}",
    "small": lambda f, r: str(r.randint(0, 5)),
    "ean": lambda f, r: f.ean13(),
    "product": lambda f, r: f"{f.word().title()} {r.choice('XSLT')}{r.randint(1, 900)}",
    "file": lambda f, r: f.file_name(),
    "url": lambda f, r: f.url(),
    "bs": lambda f, r: f.bs(),
    "hex": lambda f, r: f"{r.getrandbits(64):016x}",
    "category": lambda f, r: r.choice(("low", "medium", "high")),
    "flag": lambda f, r: r.choice(("Y", "N")),
    "unit": lambda f, r: f"{r.randint(1, 500)} {r.choice(('mg', 'ml', 'kg', 'mmHg'))}",
    "code": lambda f, r: f"{r.choice(string.ascii_uppercase)}{r.randint(100, 9999)}",
    "sku": lambda f, r: f.bothify("??-####-?").upper(),
    "months": lambda f, r: f.month_name(),
    "timestamp": lambda f, r: str(r.randint(1_400_000_000, 1_800_000_000)),
    "title": lambda f, r: " ".join(f.words(r.randint(2, 4))).title(),
    "language": lambda f, r: f.language_name(),
    "money": lambda f, r: f.currency_name(),
    "capital word": lambda f, r: f.word().title(),
    "few words": lambda f, r: r.choice(_FEW[r.randint(0, len(_FEW) - 1)]),
    "arm": lambda f, r: f"{r.choice(('Arm', 'Cohort', 'Phase', 'Site'))} {r.choice('ABC123')}",
    "digit groups": lambda f, r: f.numerify(
        r.choice(("##-####-#", "####/##", "#.###.#", "###.##"))
    ),
    "long digits": lambda f, r: str(r.randint(10**8, 10**14)),
    "signed": lambda f, r: f"{r.gauss(0, 1) * 10 ** r.randint(-4, 4):+.6g}",
    "range": lambda f, r: f"{r.randint(0, 50)}-{r.randint(51, 99)}",
    "path": lambda f, r: f.file_path(),
    "agent": lambda f, r: f.user_agent(),
    "species": lambda f, r: f"{r.choice(_GENERA)} {r.choice(_EPITHETS)}",
    "roman": lambda f, r: r.choice(("I", "II", "III", "IV", "V", "VI")),
    "dose": lambda f, r: f"{r.choice((5, 10, 25, 50))} {r.choice(('mg', 'ug'))} {f.word()}",
}
_OTHER_TEST: dict[str, Make] = {
    "country": lambda f, r: f.country(),
    "color": lambda f, r: f.color_name(),
    "catch phrase": lambda f, r: f.catch_phrase(),
    "isbn": lambda f, r: f.isbn13(),
    "licence plate": lambda f, r: f.license_plate(),
    "percent": lambda f, r: f"{r.random() * 100:.1f}%",
    "scientific": lambda f, r: f"{r.gauss(0, 1) * 10 ** r.randint(-8, 8):.3e}",
    "weekday": lambda f, r: f.day_of_week(),
    "brand": lambda f, r: f"{f.last_name()} {r.choice(('Ltd', 'GmbH', 'Group', '& Sons'))}",
    "street only": lambda f, r: f.street_suffix() if hasattr(f, "street_suffix") else f.word(),
    "version": lambda f, r: f"{r.randint(0, 9)}.{r.randint(0, 30)}.{r.randint(0, 99)}",
    "currency": lambda f, r: f"{r.choice('€$£')}{r.uniform(1, 9_999):,.2f}",
    "mime": lambda f, r: f.mime_type(),
    "coordinates": lambda f, r: f"{r.uniform(-90, 90):.5f}, {r.uniform(-180, 180):.5f}",
    "visit": lambda f, r: f"VISIT {r.randint(1, 20)}",
    "gene": lambda f, r: f"{''.join(r.choices(string.ascii_uppercase, k=3))}{r.randint(1, 20)}",
    "lab": lambda f, r: r.choice(("Sodium", "Potassium", "Albumin", "Creatinine", "Glucose")),
    "grade": lambda f, r: r.choice(("Grade 1", "Grade 2", "Grade 3", "None")),
}
_HEADERS = {
    NAME: (
        "name",
        "patient_name",
        "full_name",
        "last_name",
        "surname",
        "contact",
        "customer",
        "nom",
    ),
    EMAIL: ("email", "e-mail", "mail", "contact_email"),
    PHONE: ("phone", "tel", "mobile", "telephone_number", "contact_no"),
    ADDRESS: ("address", "street", "home_address", "addr1", "residence"),
    DATE: ("date", "birth_date", "dob", "visit_date", "created", "admitted"),
    NATIONAL: ("ssn", "national_id", "passport_no", "tax_id", "person_number", "nhs"),
    BANK: ("iban", "account", "card_number", "payment"),
    NETWORK: ("ip", "client_ip", "host", "mac", "source"),
    TEXT: ("comment", "notes", "description", "remarks", "narrative"),
    OTHER: (
        "value",
        "product_name",
        "company",
        "city",
        "code",
        "item",
        "status",
        "user_agent",
        "id",
    ),
}


def make_columns(count: int, seed: int, *, test: bool) -> list[Column]:
    """Return columns, the same for the same seed.

    Args:
        count: how many.
        seed: of everything random.
        test: take the locales and providers that are held out.
    """
    chance = random.Random(seed)
    locales = TEST_LOCALES if test else TRAIN_LOCALES
    fakers = {locale: Faker(locale) for locale in locales}
    for position, faker in enumerate(fakers.values()):
        faker.seed_instance(seed + position)
    return [_column(chance, fakers, test=test) for _ in range(count)]


def _column(chance: random.Random, fakers: dict[str, Faker], *, test: bool) -> Column:
    kind = chance.choices((*_PERSONAL, DATE, OTHER), weights=(4, 1, 2, 2, 2, 1, 1, 2, 2, 9))[0]
    locale = chance.choice(list(fakers))
    family, make = _maker(kind, chance, test=test)
    rows = chance.choice((8, 20, 50, 120, 250))
    pool = [_value(make, fakers[locale], chance) for _ in range(rows)]
    repeat = chance.random() < 0.3
    values = chance.choices(pool, k=rows) if repeat else pool
    header, header_kind = _header(kind, chance)
    if chance.random() < 0.3:
        values = [value if chance.random() > 0.1 else "" for value in values]
    return Column(kind, f"{locale}/{family}", header, header_kind, tuple(values))


def _maker(kind: str, chance: random.Random, *, test: bool) -> tuple[str, Make]:
    if kind == OTHER:
        families = _OTHER_TEST if test else _OTHER_TRAIN
        name = chance.choice(list(families))
        return name, families[name]
    if kind == DATE:
        form = chance.choice(_DATES)
        first = datetime(chance.choice((1936, 2016)), 1, 1)
        days = (datetime(2026, 1, 1) - first).days
        return form, lambda f, r: _day(first, days, r).strftime(form)
    return chance.choice(_PERSONAL[kind])


def _day(first: datetime, days: int, chance: random.Random) -> datetime:
    return first + timedelta(seconds=chance.randrange(days * 86_400))


def _value(make: Make, faker: Faker, chance: random.Random) -> str:
    try:
        return make(faker, chance)
    except AttributeError:  # a locale without this provider
        return make(_english(), chance)


_ENGLISH: list[Faker] = []


def _english() -> Faker:
    if not _ENGLISH:
        _ENGLISH.append(Faker("en_US"))
        _ENGLISH[0].seed_instance(1)
    return _ENGLISH[0]


def _header(kind: str, chance: random.Random) -> tuple[str, str]:
    """Return a header that tells, says nothing, or misleads."""
    drawn = chance.random()
    if drawn < 0.45:
        return _styled(chance.choice(_HEADERS[kind]), chance), "telling"
    if drawn < 0.85:
        number = chance.randint(1, 60)
        return chance.choice(
            (f"col_{number}", f"V{number}", f"field{number}", "", f"X.{number}")
        ), "mute"
    other = chance.choice([one for one in _HEADERS if one != kind])
    return _styled(chance.choice(_HEADERS[other]), chance), "misleading"


def _styled(header: str, chance: random.Random) -> str:
    return chance.choice((header, header.upper(), header.title(), header.replace("_", " ")))


def texts(columns: Sequence[Column]) -> list[str]:
    """Return the class of each column."""
    return [column.kind for column in columns]
