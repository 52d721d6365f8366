"""Licence documents: what may be done with data or a model, parsed strictly (docs/formats.md).

One canonical JSON document: rules in the terms of ODRL 2.2 (https://www.w3.org/TR/odrl-model/), an
SPDX id, and `terms` with the field names of the Programmable IP License
(https://docs.story.foundation/concepts/programmable-ip-license/pil-terms).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Final

from diptych_verify.errors import JsonValue, MalformedError
from diptych_verify.jcs import canonical_json
from diptych_verify.jsonio import ObjectReader, strict_json

FORMAT: Final = "diptych-licence/1"
MAX_LICENCE_BYTES: Final = 64 << 10
WHOLE: Final = 100_000_000
"""A revenue share of 100 %, as the Programmable IP License counts."""
USE: Final = "use"
ACTIONS: Final = frozenset(
    {USE, "execute", "reproduce", "distribute", "derive", "train", "test", "grantUse"}
)
DUTIES: Final = frozenset(
    {"attribute", "compensate", "delete", "inform", "notice", "shareAlike", "stateChanges"}
)
OPERATORS: Final[Mapping[str, frozenset[str]]] = {
    "dateTime": frozenset({"gteq", "lt"}),
    "count": frozenset({"lteq"}),
    "purpose": frozenset({"isAnyOf", "isNoneOf"}),
    "spatial": frozenset({"isAnyOf", "isNoneOf"}),
    "assignee": frozenset({"isAnyOf", "isNoneOf"}),
}
_MAX_RULES = 64
_MAX_ITEMS = 256
_SPDX = re.compile(r"[A-Za-z0-9.+-]{1,64}")
_URI = re.compile(r"(?:(?:https?://|urn:)[!-~]{1,1000})?")
_TIME = re.compile(r"[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]Z")
_VALUES: Mapping[str, re.Pattern[str]] = {
    "dateTime": _TIME,
    "count": re.compile(r"[1-9][0-9]{0,15}"),
    "purpose": re.compile(r"[a-z0-9][a-z0-9-]{0,63}"),
    "spatial": re.compile(r"[A-Z]{2}"),
    "assignee": re.compile(r"[!-~]{1,128}"),
}
_AMOUNT = re.compile(r"0|[1-9][0-9]{0,77}")


@dataclass(frozen=True)
class Constraint:
    """A condition of a rule, ODRL's left operand, operator and right operand as texts.

    Attributes:
        operand: `dateTime`, `count`, `purpose`, `spatial` (ISO 3166-1 alpha-2) or `assignee`.
        operator: `gteq`/`lt` for times, `lteq` for counts, else `isAnyOf`/`isNoneOf`.
        values: one text for times and counts, else at least one.
    """

    operand: str
    operator: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Rule:
    """A permission or prohibition: actions, the conditions it has, and duties that come with it."""

    actions: tuple[str, ...]
    constraints: tuple[Constraint, ...] = ()
    duties: tuple[str, ...] = ()


@dataclass(frozen=True)
class Terms:
    """Fields of the Programmable IP License, same meaning; the JSON names are in camel case.

    Attributes:
        transferable: a licensee may pass the licence on.
        expiration: seconds after a grant until it ends, 0 for never.
        commercial_use: money may be made with it.
        commercial_attribution: commercial use must give credit.
        commercial_rev_share: share of revenue owed, 100,000,000 is 100 %.
        commercial_rev_ceiling: most revenue allowed, decimal string, "0" for no limit.
        derivatives_allowed: derivatives may be made and published.
        derivatives_attribution: derivatives must give credit.
        derivatives_approval: each derivative needs a grant that permits it.
        derivatives_reciprocal: derivatives must carry the same licence.
        derivative_rev_ceiling: most revenue a derivative may make, as above.
        ai_learning_models: AI models may be trained on it.
        territory: countries where it holds, ISO 3166-1 alpha-2; empty for everywhere.
    """

    transferable: bool = True
    expiration: int = 0
    commercial_use: bool = True
    commercial_attribution: bool = False
    commercial_rev_share: int = 0
    commercial_rev_ceiling: str = "0"
    derivatives_allowed: bool = True
    derivatives_attribution: bool = False
    derivatives_approval: bool = False
    derivatives_reciprocal: bool = False
    derivative_rev_ceiling: str = "0"
    ai_learning_models: bool = True
    territory: tuple[str, ...] = ()


@dataclass(frozen=True)
class Licence:
    """A parsed licence.

    Attributes:
        name: what people call it.
        spdx: SPDX id, or `LicenseRef-…` for own terms.
        uri: where the legal text stands; may be empty.
        offer: True if only a grant to a licensee makes it usable (ODRL Offer); else it is for all.
        permissions: what is allowed; what no permission covers is not.
        prohibitions: what is forbidden, whatever a permission says.
        terms: the Programmable IP License's fields.
    """

    name: str
    spdx: str
    uri: str
    offer: bool
    permissions: tuple[Rule, ...]
    prohibitions: tuple[Rule, ...]
    terms: Terms


def parse_licence(raw: bytes) -> Licence:
    """Parse a licence document.

    Args:
        raw: canonical JSON (RFC 8785), at most 64 KiB, so that one licence has one digest.

    Raises:
        MalformedError: unknown fields, wrong types or values, or not the canonical form.
    """
    value = strict_json(raw, max_bytes=MAX_LICENCE_BYTES, max_depth=8, max_values=16_384)
    licence = read_licence(value)
    if canonical_json(value) != raw:
        raise MalformedError("licence: got JSON that is not in canonical form (RFC 8785)")
    return licence


def read_licence(value: JsonValue) -> Licence:
    """Read a licence from a JSON value that `strict_json` accepted, canonical or not.

    Raises:
        MalformedError: unknown fields, wrong types or values.
    """
    reader = ObjectReader(value, "licence")
    if reader.text("format") != FORMAT:
        raise reader.wrong("format", FORMAT)
    kind = reader.text("type", max_characters=8)
    if kind not in ("Set", "Offer"):
        raise reader.wrong("type", "Set (for everybody) or Offer (needs a grant)")
    licence = Licence(
        name=_matching(reader, "name", re.compile(r"\S(?:[^\x00-\x1f\x7f]{0,198}\S)?")),
        spdx=_matching(reader, "spdx", _SPDX),
        uri=_matching(reader, "uri", _URI),
        offer=kind == "Offer",
        permissions=_rules(reader, "permission"),
        prohibitions=_rules(reader, "prohibition"),
        terms=_terms(reader.object("terms")),
    )
    reader.done()
    if licence.terms.expiration and not licence.offer:
        raise MalformedError("licence.terms.expiration counts from a grant: type must be Offer")
    if any(rule.duties for rule in licence.prohibitions):
        raise MalformedError("licence.prohibition: got a duty, expected none in a prohibition")
    return licence


def _matching(reader: ObjectReader, key: str, pattern: re.Pattern[str]) -> str:
    text = reader.text(key, max_characters=1024)
    if pattern.fullmatch(text) is None:
        raise reader.wrong(key, f"text like {pattern.pattern}")
    return text


def _rules(reader: ObjectReader, key: str) -> tuple[Rule, ...]:
    return tuple(map(_rule, reader.objects(key, maximum=_MAX_RULES)))


def _rule(reader: ObjectReader) -> Rule:
    rule = Rule(
        _distinct(reader, "action", ACTIONS),
        tuple(map(_constraint, reader.objects("constraint", maximum=16))),
        _distinct(reader, "duty", DUTIES, minimum=0),
    )
    reader.done()
    return rule


def _distinct(
    reader: ObjectReader, key: str, known: frozenset[str], *, minimum: int = 1
) -> tuple[str, ...]:
    found = reader.texts(key, maximum=len(known), max_characters=64)
    if len(found) < minimum or list(found) != sorted(known.intersection(found)):
        raise reader.wrong(key, f"some of {sorted(known)}, sorted, each once")
    return found


def _constraint(reader: ObjectReader) -> Constraint:
    operand = reader.text("leftOperand", max_characters=16)
    if operand not in OPERATORS:
        raise reader.wrong("leftOperand", f"one of {sorted(OPERATORS)}")
    operator = reader.text("operator", max_characters=16)
    if operator not in OPERATORS[operand]:
        raise reader.wrong("operator", f"one of {sorted(OPERATORS[operand])}")
    values = reader.texts("rightOperand", maximum=_MAX_ITEMS, max_characters=128)
    single = operand in ("dateTime", "count")
    if not values or (single and len(values) != 1) or list(values) != sorted(set(values)):
        raise reader.wrong("rightOperand", "one value" if single else "values, sorted, each once")
    if not all(_VALUES[operand].fullmatch(value) for value in values):
        raise reader.wrong("rightOperand", f"texts like {_VALUES[operand].pattern}")
    reader.done()
    return Constraint(operand, operator, values)


def camel(name: str) -> str:
    """Return the JSON name of a field of `Terms`.

    >>> camel("commercial_rev_share")
    'commercialRevShare'
    """
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _terms(reader: ObjectReader) -> Terms:
    read: Mapping[object, Callable[[ObjectReader, str], object]] = {
        bool: _flag,
        int: lambda inner, key: inner.integer(key, maximum=_LIMITS[key]),
        str: lambda inner, key: _matching(inner, key, _AMOUNT),
        tuple[str, ...]: _territory,
    }
    values = {field.name: read[field.type](reader, camel(field.name)) for field in fields(Terms)}
    reader.done()
    return Terms(**values)  # type: ignore[arg-type]


_LIMITS = {"commercialRevShare": WHOLE, "expiration": 10**10}


def _flag(reader: ObjectReader, key: str) -> bool:
    value = reader.raw(key)
    if not isinstance(value, bool):
        raise reader.wrong(key, "true or false")
    return value


def _territory(reader: ObjectReader, key: str) -> tuple[str, ...]:
    found = reader.texts(key, maximum=_MAX_ITEMS, max_characters=2)
    if list(found) != sorted(set(found)) or not all(map(_VALUES["spatial"].fullmatch, found)):
        raise reader.wrong(key, "ISO 3166-1 alpha-2 codes, sorted, each once")
    return found
