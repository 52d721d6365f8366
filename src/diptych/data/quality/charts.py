"""What a page draws of a check: bars of what people would rather look at than read."""

from collections.abc import Sequence

from diptych.data.quality.drift import ColumnDrift
from diptych.data.quality.groups import GroupRates
from diptych.data.quality.passes import MAX_CLASSES, Collected
from diptych.data.quality.report import Chart
from diptych.data.quality.rules import RuleSet

_MOST = 30


def charts_of(
    seen: Collected,
    rules: RuleSet,
    *,
    drifts: Sequence[ColumnDrift] = (),
    rates: Sequence[GroupRates] = (),
) -> tuple[Chart, ...]:
    """Return the charts of a check; classes and subgroups are named only if that is public."""
    found = []
    measured = sorted((one for one in drifts if one.kind != "missing"), key=lambda one: -one.index)
    if measured and rules.drift is not None:
        shown = measured[:_MOST]
        names, values = tuple(one.name for one in shown), tuple(one.index for one in shown)
        found.append(
            Chart("Change since the parent", "stability index", names, values, rules.drift.psi)
        )
    if 0 < len(seen.classes) <= MAX_CLASSES:
        public = rules.is_public(rules.label)
        counted = sorted(seen.classes.items())[:_MOST]
        names = tuple(
            name if public else f"class {place + 1}" for place, (name, _) in enumerate(counted)
        )
        total = sum(seen.classes.values())
        shares = tuple(count / total for _, count in counted)
        found.append(Chart("Classes", "share of rows", names, shares))
    for one in rates:
        found.append(
            Chart(
                f"Favourable label by {one.column}", "share", one.names[:_MOST], one.rates[:_MOST]
            )
        )
    return tuple(found)
