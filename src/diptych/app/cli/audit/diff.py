"""`diptych audit diff`: the findings that a range of commits made or fixed."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from diptych.app.cli.audit.scan import FORMS, threshold
from diptych.app.cli.bar import bar
from diptych.app.cli.frame import Output, frame, framed
from diptych.app.cli.given import ANY_PATH, FILE, REFERENCE
from diptych_verify.wording import counted

if TYPE_CHECKING:
    from diptych.app.verbs.audit.diff import Reviewed

_SHOWN = 40


@click.command()
@click.argument("span", metavar="REV..REV", type=REFERENCE)
@click.argument("paths", nargs=-1, type=ANY_PATH)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMS),
    default="text",
    show_default=True,
    help="Form of the report.",
)
@click.option("-o", "--output", type=FILE, help="Write the report here instead of printing it.")
@click.option("--rule", "rules", multiple=True, help="Run only this rule; may be repeated.")
@click.option(
    "--fail-on", metavar="SEVERITY|RISK", multiple=True, help="As for scan, of new findings."
)
@click.option("--no-ignore", is_flag=True, help="Honour no suppression, in the source or outside.")
@click.option("--rules-only", is_flag=True, help="Let no network judge what rules match.")
@framed
def diff(*, span: str, paths: tuple[Path, ...], form: str, **given: Any) -> Output:
    """Say which findings a range of commits made or fixed, and which functions it changed.

    The sources of both commits are read from git; the working folder plays no part. Looked at are
    files that the range changed and those that reach them by imports. Exit code 1 if there are
    new findings.

    Example: diptych audit diff main..HEAD --format markdown
    """
    from diptych.app.cli.audit.forms import written_report
    from diptych.app.verbs.audit.diff import review
    from diptych.app.verbs.audit.scan import Auditing
    from diptych.core.files import write_output

    limit = threshold(given["fail_on"])
    how = Auditing(
        rules=given["rules"], ignore=not given["no_ignore"], rules_only=given["rules_only"]
    )
    done = review(span, paths, frame().folder, how, progress=bar)
    text = written_report(done.audited, form)
    if form == "text":
        text = f"{text}\n{_functions(done)}"
    if form == "markdown":
        text = f"{text}\n\n{_listed(done)}"
    output = given["output"]
    if output is not None:
        write_output(frame().folder / output, f"{text}\n".encode())
        text = f"wrote {output}: {len(done.audited.triaged.counting())} new findings"
    failed = done.audited.triaged.fails(limit)
    code = 130 if done.audited.triaged.report.interrupted else int(failed)
    return Output(done.to_json(), text, exit_code=code)


def _functions(done: "Reviewed") -> str:
    lines = [
        f"{one.change} {one.path}:{one.line}  "
        f"{'.'.join(each for each in (one.contract, one.function) if each)}"
        for one in done.functions[:_SHOWN]
    ]
    if len(done.functions) > _SHOWN:
        lines.append(f"{len(done.functions) - _SHOWN} more functions; --json lists all")
    total = counted(len(done.functions), "function")
    lines.append(f"{total} differ between {done.before[:12]} and {done.after[:12]}")
    return "\n".join(lines)


def _listed(done: "Reviewed") -> str:
    from diptych.audit.report.escaping import code

    rows = [
        f"- {one.change} {code(f'{one.path}:{one.line}')} {code(one.function)}"
        for one in done.functions[:_SHOWN]
    ]
    total = counted(len(done.functions), "function")
    head = f"{total} differ between {done.before[:12]} and {done.after[:12]}"
    return "\n".join(["<details><summary>" + head + "</summary>", "", *rows, "", "</details>"])
