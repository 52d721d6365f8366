"""Rules as files: strict TOML or JSON in, canonical JSON out; its SHA-256 names the rule set."""

import math
from collections.abc import Mapping
from dataclasses import asdict, fields
from types import NoneType, UnionType
from typing import Any, Final, get_args, get_origin

from diptych.core.canonical import canonical_json
from diptych.core.digests import digest
from diptych.core.errors import JsonValue, MalformedError
from diptych.data.quality.errors import BadRules
from diptych.data.quality.patterns import safe_pattern
from diptych.data.quality.rules import (
    FORMAT,
    METHODS,
    OPERATORS,
    TYPES,
    BalanceRule,
    ColumnRule,
    CompareRule,
    Dialect,
    DriftRule,
    DuplicateRule,
    LabelRule,
    LeakageRule,
    RuleSet,
    SensorRule,
    SubgroupRule,
)
from diptych_verify.jsonio import strict_json
from diptych_verify.strict_toml import strict_toml

MAX_BYTES: Final = 1 << 20
_MAX_ITEMS = 4_096
_MAX_TEXT = 1_024
_SHARES = frozenset({"near", "max_share", "max_missing", "alpha", "min_share", "max_parity_gap"})
_PARTS: Mapping[str, Any] = {
    "dialect": Dialect,
    "duplicates": DuplicateRule,
    "leakage": LeakageRule,
    "labels": LabelRule,
    "drift": DriftRule,
    "balance": BalanceRule,
    "subgroups": SubgroupRule,
    "sensor": SensorRule,
}
_OPTIONAL = frozenset(_PARTS) - {"dialect"}


def parse_rules(raw: bytes) -> RuleSet:
    """Parse a rules file, JSON if it begins with a brace, else TOML.

    Raises:
        BadRules: naming the field, what was found and what was expected.
    """
    try:
        if raw.lstrip()[:1] == b"{":
            value = strict_json(raw, max_bytes=MAX_BYTES, max_depth=6, max_values=65_536)
        else:
            value = strict_toml(raw, max_bytes=MAX_BYTES)
    except MalformedError as error:
        raise BadRules(f"cannot read the rules: {error}") from None
    if not isinstance(value, dict):
        raise BadRules("got JSON that is no object")
    return _rule_set(dict(value))


def dump_rules(rules: RuleSet) -> bytes:
    """Return canonical JSON with every field; `parse_rules` reads it back unchanged."""
    return canonical_json({"format": FORMAT, **_plain(asdict(rules))})


def rules_digest(rules: RuleSet) -> str:
    """Return hex SHA-256 of the canonical form: the same rules in TOML or JSON, one digest."""
    return digest(dump_rules(rules)).hex()


def _rule_set(members: dict[str, Any]) -> RuleSet:
    found = members.pop("format", None)
    if found != FORMAT:
        raise BadRules(f"format: got {found!r:.80}, expected '{FORMAT}'")
    given: dict[str, Any] = {}
    for name, kind in (("columns", ColumnRule), ("compare", CompareRule)):
        rows = members.pop(name, [])
        if not isinstance(rows, list) or len(rows) > _MAX_ITEMS:
            raise BadRules(f"{name}: expected at most {_MAX_ITEMS} tables")
        given[name] = tuple(_part(kind, row, f"{name}[{at}]") for at, row in enumerate(rows))
    for name, kind in _PARTS.items():
        if name in members:
            value = members.pop(name)
            off = name in _OPTIONAL and (value is False or value is None)
            given[name] = None if off else _part(kind, value, name)
    rules: RuleSet = _part(RuleSet, {**members, **given}, "rules", checked=frozenset(given))
    _require_sense(rules)
    return rules


def _part(kind: Any, value: Any, where: str, *, checked: frozenset[str] = frozenset()) -> Any:
    if value is True:
        value = {}
    if not isinstance(value, dict):
        raise BadRules(f"{where}: got {value!r:.80}, expected a table, or false to switch it off")
    known = {one.name: one for one in fields(kind)}
    unknown = sorted(set(value) - set(known))
    if unknown:
        raise BadRules(f"{where}: got the unknown field {unknown[0]!r:.80}")
    made: dict[str, Any] = {}
    for name, one in value.items():
        found = known[name]
        made[name] = one if name in checked else _field(found.type, name, one, f"{where}.{name}")
    try:
        return kind(**made)
    except TypeError as error:
        raise BadRules(f"{where}: {str(error).partition(') ')[2] or error}") from None


def _field(kind: Any, name: str, value: Any, where: str) -> Any:
    """Return one value of the type that the field is annotated with."""
    kinds = get_args(kind) if isinstance(kind, UnionType) else (kind,)
    if value is None and NoneType in kinds:
        return None
    if value is False and name == "near":  # TOML has no null
        return None
    if get_origin(kind) is tuple:
        return _list(get_args(kind)[0], value, where)
    if str in kinds and isinstance(value, str):
        return _text(value, where)
    if bool in kinds and type(value) is bool:
        return value
    if int in kinds and float not in kinds and type(value) is int and 0 <= value <= 1 << 31:
        return value
    if float in kinds and type(value) in {int, float}:
        return _number(name, value, where)
    raise BadRules(f"{where}: got {value!r:.80}, expected {_expected(kinds)}")


def _expected(kinds: tuple[Any, ...]) -> str:
    words = {str: "a text", bool: "true or false", int: "a whole number", float: "a number"}
    return " or ".join(words[one] for one in kinds if one in words)


def _text(value: str, where: str) -> str:
    if len(value) > _MAX_TEXT or not value.isprintable():
        raise BadRules(f"{where}: got {value!r:.80}, expected a short printable text")
    return value


def _list(kind: Any, value: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple) or len(value) > _MAX_ITEMS:
        raise BadRules(f"{where}: got {value!r:.80}, expected at most {_MAX_ITEMS} items")
    return tuple(_field(kind, "", one, where) for one in value)


def _number(name: str, value: float, where: str) -> float:
    if not math.isfinite(value) or abs(value) >= 2**53:
        raise BadRules(f"{where}: got {value!r:.80}, expected a number")
    if name in _SHARES and not 0 <= value <= 1:
        raise BadRules(f"{where}: got {value!r:.80}, expected 0 to 1")
    number = float(value)
    return int(number) if number.is_integer() else number


def _require_sense(rules: RuleSet) -> None:
    names = [one.name for one in rules.columns]
    if len(set(names)) != len(names) or "" in names:
        raise BadRules("columns: got a rule without name, or two for one column")
    for one in rules.columns:
        _require_column(one)
    for pair in rules.compare:
        if pair.operator not in OPERATORS:
            raise BadRules(f"compare: got {pair.operator!r:.20}, expected {' '.join(OPERATORS)}")
    if rules.max_rows is not None and rules.max_rows < rules.min_rows:
        raise BadRules(f"max_rows: got {rules.max_rows}, expected at least {rules.min_rows}")
    if rules.labels is not None and rules.labels.method not in METHODS:
        raise BadRules(f"labels.method: got {rules.labels.method!r:.40}, expected {METHODS}")
    sensor = rules.sensor
    if sensor is not None and (sensor.low is None) != (sensor.high is None):
        raise BadRules("sensor: got one of low and high, expected both or none")


def _require_column(rule: ColumnRule) -> None:
    where = f"column {rule.name!a:.80}"
    if rule.type not in {"", *TYPES}:
        raise BadRules(f"{where}: got type {rule.type!r:.40}, expected {', '.join(TYPES)}")
    bounds = [one for one in (rule.minimum, rule.maximum) if one is not None]
    wanted = str if rule.type in {"date", "datetime"} else int | float
    if bounds and rule.type not in {"integer", "number", "date", "datetime"}:
        raise BadRules(f"{where}: minimum and maximum need a type integer, number or date")
    if not all(isinstance(one, wanted) for one in bounds) or sorted(bounds) != bounds:
        raise BadRules(f"{where}: minimum and maximum do not fit the type, or are not in order")
    if (rule.pattern or rule.length is not None) and rule.type not in {"", "text"}:
        raise BadRules(f"{where}: pattern and length are for text")
    if rule.pattern:
        try:
            safe_pattern(rule.pattern)
        except ValueError as error:
            raise BadRules(f"{where}: pattern: {error}") from None


def _plain(value: Any) -> Any:
    """Return tuples as lists; whole floats as integers, as JSON readers would."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    found: JsonValue = value
    return found
