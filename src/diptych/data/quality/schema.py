"""Rules for cells as a pandera schema, applied to one part of a table after the other."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from diptych.data.quality.errors import UnknownColumn
from diptych.data.quality.findings import Finding, Tally, finding
from diptych.data.quality.frames import NUMBER, Part
from diptych.data.quality.patterns import MAX_CHARACTERS, safe_pattern
from diptych.data.quality.rules import ColumnRule, CompareRule, RuleSet

_COMPARE = {"<": "lt", "<=": "le", "==": "eq", "!=": "ne", ">=": "ge", ">": "gt"}
_TEXTS = {
    "missing": "cells of {name} are empty",
    "range": "values of {name} lie outside {low} to {high}",
    "values": "values of {name} are none of the {count} allowed ones",
    "pattern": "texts of {name} do not match the pattern",
    "length": "texts of {name} have more than {length} characters",
    "type": "cells of {name} are no {type}",
}


class SchemaCheck:
    """Checks the cells of a table.

    Args:
        names: columns that the table has.
        kinds: number or text, by column.
        rules: what they must satisfy.

    Raises:
        UnknownColumn: columns are to be compared that are not there, or are of two kinds.
    """

    def __init__(self, names: Sequence[str], kinds: dict[str, str], rules: RuleSet) -> None:
        self._rules = rules
        self._names = list(names)
        self._present = [one for one in rules.columns if one.name in kinds]
        self._tallies: dict[str, Tally] = {}
        self._empty = dict.fromkeys((one.name for one in self._present), 0)
        self._rows = 0
        self._compared: dict[str, set[int]] = {}
        for one in rules.compare:
            _require_comparable(one, kinds)
        self._schema = _schema(self._present, kinds, rules.compare)

    def add(self, part: Part) -> None:
        """Check one part."""
        import pandera.errors

        self._rows += len(part.frame)
        for name, rows in part.misfits.items():
            self._tally("type", name).add(rows, _raw_values(part, name, rows))
        for name in self._empty:
            self._empty[name] += int(part.frame[name].isna().sum()) - len(
                part.misfits.get(name, ())
            )
        try:
            self._schema.validate(part.frame, lazy=True)
        except pandera.errors.SchemaErrors as error:
            self._collect(part, error.failure_cases)

    def findings(self) -> list[Finding]:
        """Return what was found in all parts."""
        found = _column_findings(self._rules, self._names)
        found += _row_findings(self._rules, self._rows)
        for rule in self._present:
            share = self._empty[rule.name] / self._rows if self._rows else 0.0
            if rule.max_missing is not None and share > rule.max_missing:
                text = f"{share:.1%} of the cells of {rule.name} are empty"
                numbers = {"share": share, "allowed": rule.max_missing}
                found.append(
                    finding(
                        f"missing:{rule.name}",
                        (),
                        text,
                        count=self._empty[rule.name],
                        numbers=numbers,
                    )
                )
        for tally in self._tallies.values():
            found += tally.findings()
        return found

    def _collect(self, part: Part, cases: pd.DataFrame) -> None:
        for (check, name), rows in cases.groupby(["check", "column"], dropna=False, sort=False):
            kind = str(check)
            if kind.startswith("compare:"):  # one case for each cell of the row
                self._compared.setdefault(kind, set()).update(rows["index"])
                continue
            ordered = rows.sort_values("index")
            if kind == "not_nullable":  # a cell of another type counts once, as that
                misfits = part.misfits.get(str(name), ())
                self._tally("missing", str(name)).add(set(ordered["index"]) - set(misfits))
            else:
                self._tally(kind, str(name)).add(ordered["index"], ordered["failure_case"])
        for kind, found in self._compared.items():
            self._tally(kind, "").add(sorted(found))
        self._compared.clear()

    def _tally(self, kind: str, name: str) -> Tally:
        rule = f"{kind}:{name}" if name else kind
        if rule not in self._tallies:
            self._tallies[rule] = Tally(
                rule, self._text(kind, name), public=self._rules.is_public(name)
            )
        return self._tallies[rule]

    def _text(self, kind: str, name: str) -> str:
        if kind.startswith("compare:"):
            return f"rows contradict {kind.removeprefix('compare:')}"
        rule = self._rules.column(name) or ColumnRule(name, "number")
        return _TEXTS[kind].format(
            name=name,
            type=rule.type,
            low="-∞" if rule.minimum is None else rule.minimum,
            high="∞" if rule.maximum is None else rule.maximum,
            count=len(rule.values),
            length=rule.length,
        )


def _schema(
    rules: Sequence[ColumnRule], kinds: dict[str, str], compare: Sequence[CompareRule]
) -> Any:
    import pandera.pandas as pa

    columns = {
        one.name: pa.Column(
            checks=_checks(one, numeric=kinds[one.name] == NUMBER), nullable=one.missing
        )
        for one in rules
    }
    return pa.DataFrameSchema(columns, checks=[_comparison(one) for one in compare])


def _checks(rule: ColumnRule, *, numeric: bool) -> list[Any]:
    import pandera.pandas as pa

    checks = []
    if rule.minimum is not None:
        checks.append(pa.Check.ge(rule.minimum, error="range"))
    if rule.maximum is not None:
        checks.append(pa.Check.le(rule.maximum, error="range"))
    if rule.values:
        allowed = (
            [float(one) for one in rule.values] if numeric else [_text(one) for one in rule.values]
        )
        checks.append(pa.Check.isin(allowed, error="values"))
    if rule.length is not None and not numeric:
        checks.append(pa.Check.str_length(max_value=rule.length, error="length"))
    if rule.pattern and not numeric:
        pattern = safe_pattern(rule.pattern)

        def fits(cell: str) -> bool:
            return len(cell) <= MAX_CHARACTERS and pattern.fullmatch(cell) is not None

        checks.append(pa.Check(fits, element_wise=True, error="pattern"))
    return checks


def _comparison(rule: CompareRule) -> Any:
    import pandera.pandas as pa

    def fits(frame: pd.DataFrame) -> pd.Series:
        left, right = frame[rule.left], frame[rule.right]
        both = left.notna() & right.notna()
        result = pd.Series(True, index=frame.index)
        result[both] = getattr(left[both], _COMPARE[rule.operator])(right[both]).astype(bool)
        return result

    name = f"compare:{rule.left} {rule.operator} {rule.right}"
    return pa.Check(fits, error=name, ignore_na=False)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _require_comparable(rule: CompareRule, kinds: dict[str, str]) -> None:
    for name in (rule.left, rule.right):
        if name not in kinds:
            raise UnknownColumn(f"the table has no column {name!a:.80}, which a rule compares")
    if kinds[rule.left] != kinds[rule.right]:
        raise UnknownColumn(
            f"{rule.left!a:.80} and {rule.right!a:.80} cannot be compared: one holds numbers, "
            "the other texts",
            hint="declare their types under [[columns]]",
        )


def _column_findings(rules: RuleSet, names: Sequence[str]) -> list[Finding]:
    found = [
        finding(f"column-missing:{one.name}", (), f"there is no column {one.name}", count=1)
        for one in rules.columns
        if one.required and one.name not in names
    ]
    known = {one.name for one in rules.columns}
    extra = [name for name in names if name not in known]
    if rules.strict and extra:
        text = f"no rule knows the columns {', '.join(extra[:10])}"
        found.append(finding("column-extra", (), text, count=len(extra)))
    return found


def _row_findings(rules: RuleSet, rows: int) -> list[Finding]:
    most = rules.max_rows
    if rows >= rules.min_rows and (most is None or rows <= most):
        return []
    allowed = f"{rules.min_rows} to {'any number' if most is None else most}"
    return [finding("rows", (), f"got {rows} rows, expected {allowed}", count=rows)]


def _raw_values(part: Part, name: str, rows: Sequence[int]) -> list[object]:
    places = part.frame.index.get_indexer(list(rows))
    return [part.raw[name][place] for place in places[:20]]
