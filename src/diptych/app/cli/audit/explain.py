"""`diptych audit explain`: why a rule spoke, or what it looks for."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from diptych.app.cli.bar import bar
from diptych.app.cli.frame import Output, frame, framed
from diptych.app.cli.given import ANY_PATH, REFERENCE
from diptych.app.cli.printing import table

if TYPE_CHECKING:
    from diptych.audit.explain import Explanation, Step

_CONDITIONS = ("line", "", "condition")
_STEPS = ("line", "", "code")


@click.command()
@click.argument("what", type=REFERENCE)
@click.argument("paths", nargs=-1, type=ANY_PATH)
@click.option("--no-cache", is_flag=True, help="Use and keep nothing of other scans.")
@framed
def explain(*, what: str, paths: tuple[Path, ...], no_cache: bool) -> Output:
    """Explain one finding, or a rule.

    WHAT is the fingerprint of a finding, or how it begins, or the id of a rule. PATHS are what was
    scanned, by default the working folder. Shown are the way to the fault, the conditions on it,
    and what would silence the rule.
    """
    from diptych.app.cli.audit.rules import explained_rule
    from diptych.app.verbs.audit.explain import explain_finding
    from diptych.audit.catalogue import installed_rules

    if not paths:
        known = {rule.info.id: rule.info for rule in installed_rules()}
        if what in known:
            return explained_rule(known[what])
    found = explain_finding(what, paths, frame().folder, cache=not no_cache, progress=bar)
    return Output(found.to_json(), _text(found))


def _text(found: "Explanation") -> str:
    finding, rule = found.finding, found.finding.rule
    place = finding.location
    classes = " ".join(each for each in (rule.swc, rule.cwe, rule.owasp) if each)
    parts = [
        f"{finding.severity} {rule.id} ({classes})  {place.path}:{place.line}",
        f"{finding.message}\n{rule.description}",
        f"Entered through {' -> '.join((found.entry, *found.frames))}; "
        f"risk {finding.risk or 0:.0f} of 100",
    ]
    if found.conditions:
        rows = [(_where(found, step), _said(step), step.text) for step in found.conditions]
        parts.append(f"Conditions on the way:\n{table(rows, header=_CONDITIONS)}")
    else:
        parts.append("Conditions on the way: none")
    if found.steps:
        rows = [(_where(found, step), step.role, step.text) for step in found.steps]
        parts.append(f"What runs:\n{table(rows, header=_STEPS)}")
    parts.append(f"How it is exploited: {rule.scenario}")
    parts.append("What would silence it:\n" + "\n".join(f"- {one}" for one in found.silencers))
    return "\n\n".join(parts)


def _where(found: "Explanation", step: "Step") -> str:
    same = step.path == found.finding.location.path
    return str(step.line) if same else f"{step.path}:{step.line}"


def _said(step: "Step") -> str:
    return "holds" if step.holds else "does not hold"
