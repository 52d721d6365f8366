"""`diptych audit fix`: repairs that are proven on a node before they are shown."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from diptych.app.cli.audit.stopping import INTERRUPTED, budgeted, stoppable
from diptych.app.cli.bar import bar
from diptych.app.cli.frame import Output, frame, framed
from diptych.app.cli.given import ANY_PATH, FILE
from diptych_verify.errors import JsonValue
from diptych_verify.wording import counted

if TYPE_CHECKING:
    from diptych.app.verbs.audit.fix import Fixed, Fixing
    from diptych.audit.finding import Finding
    from diptych.audit.fixes import FixResult

_MAX_LEFT = 20


@click.command()
@click.argument("paths", nargs=-1, type=ANY_PATH, required=True)
@click.option("--rule", "rules", multiple=True, help="Repair only what this rule finds.")
@click.option("--apply", is_flag=True, help="Write the fixes; old texts are kept as .bak.")
@click.option("-o", "--output", type=FILE, help="Write all fixes here as one patch.")
@click.option("--sarif", type=FILE, help="Write a report with each finding's own fix instead.")
@budgeted
@framed
def fix(
    *,
    paths: tuple[Path, ...],
    rules: tuple[str, ...],
    apply: bool,
    output: Path | None,
    sarif: Path | None,
    budget_s: float,
) -> Output:
    """Repair what a scan finds in Solidity files and folders.

    A fix is shown only if the changed contract compiles with the same compiler, keeps its
    functions, events and storage, silences the finding, brings no new one, and does the same as
    before on a throw-away node in all generated calls that do not exercise the fault. For every
    finding without a fix there is a reason. Findings that are suppressed are left alone.

    When the budget is spent, or after Ctrl-C, what is proven is kept, and what was not tried is
    listed. Exit code 3: no file holds Solidity, or none that has findings compiles.
    """
    from diptych.app.verbs.audit.fix import Fixing, fix_paths
    from diptych.app.verbs.audit.scan import shown_path
    from diptych.core.files import write_output

    if any(path.suffix == ".json" for path in paths):
        raise click.UsageError("fixes are for sources in files: unpack what is in JSON first")
    folder = frame().folder
    asked = Fixing([shown_path(folder, path) for path in paths], folder, rules)
    if sarif is not None:
        if apply or output is not None:
            raise click.UsageError("--sarif gives each fix alone; --apply and -o take all together")
        return _report(asked, folder / sarif, budget_s)
    with stoppable(budget_s) as budget:
        done = fix_paths(asked, bar, budget)
    text = "\n".join(_lines(done))
    data = done.to_json()
    notes = []
    if output is not None:
        write_output(folder / output, done.patch.encode())
        notes.append(f"wrote {output}: {counted(len(done.texts), 'changed file')}")
    if apply:
        backups = done.apply()
        data["backups"] = [str(each) for each in backups]
        notes += [f"kept the old text as {each.name}" for each in backups]
    code = INTERRUPTED if budget.interrupted else 3 * done.is_void
    return Output(data, text, exit_code=code, notes=tuple(notes))


def _report(asked: "Fixing", path: Path, budget_s: float) -> Output:
    from diptych.app.cli.audit.forms import written_report
    from diptych.app.verbs.audit.fix import report_with_fixes
    from diptych.core.files import write_output

    with stoppable(budget_s) as budget:
        done, stopped = report_with_fixes(asked, bar, budget)
    write_output(path, f"{written_report(done, 'sarif')}\n".encode())
    fixes, findings = len(done.triaged.patches), len(done.triaged.shown.findings)
    told = f"wrote {path.name}: {counted(findings, 'finding')}, {fixes} with a fix"
    notes = (f"partial: {stopped}; not every finding was tried",) if stopped else ()
    data: dict[str, JsonValue] = {"findings": findings, "fixes": fixes, "stopped": stopped}
    return Output(data, told, exit_code=INTERRUPTED * budget.interrupted, notes=notes)


def _lines(done: "Fixed") -> Iterator[str]:
    for result in done.results:
        yield from _result(result)
    rules = Counter(finding.rule.id for finding in done.unfixable)
    for rule, count in sorted(rules.items()):
        yield f"no template: {rule} ({counted(count, 'finding')})"
    for path, reason in done.unread.items():
        yield f"partial {path}: {reason}"
    yield from _left(done)
    fixed = sum(result.fix is not None for result in done.results)
    total = len(done.results) + len(done.unfixable) + len(done.left)
    yield f"{fixed} of {counted(total, 'finding')} fixed in {counted(len(done.texts), 'file')}"


def _left(done: "Fixed") -> Iterator[str]:
    """Say what was not tried, and why."""
    if not done.stopped:
        return
    for finding in done.left[:_MAX_LEFT]:
        yield f"left {_where(finding)}"
    if len(done.left) > _MAX_LEFT:
        yield f"left {len(done.left) - _MAX_LEFT} more"
    yield f"partial: {done.stopped}; {counted(len(done.left), 'finding')} not tried"


def _result(result: "FixResult") -> Iterator[str]:
    where = _where(result.finding)
    if result.fix is None:
        yield f"withheld {where}"
        yield f"  {result.withheld}"
        yield ""
        return
    proof = result.fix.proof
    yield f"fix {where}"
    yield f"  {result.fix.name}"
    agreed = f"{counted(proof.calls, 'call')} agree ({proof.succeeded} got through)"
    if not proof.calls:
        agreed = "the same bytecode"
    left = f", {proof.stopped} exercise the fault" if proof.stopped else ""
    yield f"  solc {result.fix.version}; {', '.join(proof.contracts)}: {agreed}{left}"
    yield result.fix.diff


def _where(finding: "Finding") -> str:
    place = finding.location
    return f"{finding.rule.id}  {place.path}:{place.line}  {place.contract}.{place.function}"
