"""`diptych audit rules`: what the installed rules look for."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from diptych.app.cli.frame import Output, framed
from diptych.app.cli.printing import table

if TYPE_CHECKING:
    from diptych.audit.finding import RuleInfo


@click.command()
@click.argument("rule", required=False)
@framed
def rules(*, rule: str | None) -> Output:
    """List the installed rules, or explain one: what, how it is exploited, what to do."""
    from diptych.audit.catalogue import installed_rules

    found = [each.info for each in installed_rules(() if rule is None else (rule,))]
    if rule is None:
        rows = [(info.id, info.severity, info.category, info.title) for info in found]
        return Output(
            {"rules": [asdict(info) for info in found]},
            table(rows, header=("rule", "severity", "category", "what")),
        )
    return explained_rule(found[0])


def explained_rule(info: "RuleInfo") -> Output:
    """Return what a rule looks for, how it is exploited and what to do."""
    classes = " ".join(each for each in (info.swc, info.cwe, info.owasp) if each)
    parts = (info.description, f"How: {info.scenario}", f"Fix: {info.fix}", info.reference)
    head = f"{info.id} ({info.severity}, {info.category}, {classes}): {info.title}"
    return Output(asdict(info), "\n\n".join([head, *parts]))
