"""`diptych audit fix`: repairs that are proven on a node before they are shown."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from diptych.app.cli.bar import bar
from diptych.app.cli.frame import Output, frame, framed
from diptych.app.cli.given import ANY_PATH, FILE
from diptych_verify.wording import counted

if TYPE_CHECKING:
    from diptych.app.verbs.audit.fix import Fixed, Fixing
    from diptych.audit.fixes import FixResult


@click.command()
@click.argument("paths", nargs=-1, type=ANY_PATH, required=True)
@click.option("--rule", "rules", multiple=True, help="Repair only what this rule finds.")
@click.option("--apply", is_flag=True, help="Write the fixes; old texts are kept as .bak.")
@click.option("-o", "--output", type=FILE, help="Write all fixes here as one patch.")
@click.option("--sarif", type=FILE, help="Write a report with each finding's own fix instead.")
@framed
def fix(
    *,
    paths: tuple[Path, ...],
    rules: tuple[str, ...],
    apply: bool,
    output: Path | None,
    sarif: Path | None,
) -> Output:
    """Repair what a scan finds in Solidity files and folders.

    A fix is shown only if the changed contract compiles with the same compiler, keeps its
    functions, events and storage, silences the finding, brings no new one, and does the same as
    before on a throw-away node in all generated calls that do not exercise the fault. For every
    finding without a fix there is a reason. Findings that are suppressed are left alone.
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
        return _report(asked, folder / sarif)
    done = fix_paths(asked, bar)
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
    return Output(data, text, notes=tuple(notes))


def _report(asked: "Fixing", path: Path) -> Output:
    from diptych.app.cli.audit.forms import written_report
    from diptych.app.verbs.audit.fix import report_with_fixes
    from diptych.core.files import write_output

    done = report_with_fixes(asked, bar)
    write_output(path, f"{written_report(done, 'sarif')}\n".encode())
    fixes, findings = len(done.triaged.patches), len(done.triaged.shown.findings)
    told = f"wrote {path.name}: {counted(findings, 'finding')}, {fixes} with a fix"
    return Output({"findings": findings, "fixes": fixes}, told)


def _lines(done: "Fixed") -> Iterator[str]:
    for result in done.results:
        yield from _result(result)
    rules = Counter(finding.rule.id for finding in done.unfixable)
    for rule, count in sorted(rules.items()):
        yield f"no template: {rule} ({counted(count, 'finding')})"
    fixed = sum(result.fix is not None for result in done.results)
    total = len(done.results) + len(done.unfixable)
    yield f"{fixed} of {counted(total, 'finding')} fixed in {counted(len(done.texts), 'file')}"


def _result(result: "FixResult") -> Iterator[str]:
    place = result.finding.location
    where = (
        f"{result.finding.rule.id}  {place.path}:{place.line}  {place.contract}.{place.function}"
    )
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
