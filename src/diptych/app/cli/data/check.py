"""`diptych data check`: rules and detectors on a table, and a signed report."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from diptych.app.cli.frame import Output, frame, framed
from diptych.app.cli.given import ANY_PATH, FILE, REFERENCE
from diptych.app.cli.printing import table
from diptych_verify.wording import counted

if TYPE_CHECKING:
    from diptych.data.quality import QualityReport

_SHOWN = 40
_SHOWN_ROWS = 5


@click.command()
@click.argument("what", type=REFERENCE)
@click.option("--rules", type=FILE, help="Rules file (TOML or JSON).")
@click.option("--label", help="Column that a model is to learn.")
@click.option("--parent", type=REFERENCE, help="Earlier version to compare with.")
@click.option("--train", type=REFERENCE, help="Training data, to find leakage.")
@click.option("--test", type=REFERENCE, help="Test data, to find leakage.")
@click.option("--group", help="Column of what must stay on one side of a split.")
@click.option(
    "--subgroup", "subgroups", multiple=True, help="Column of subgroups; may be repeated."
)
@click.option("--file", "file", default="", help="Path of the table within the data.")
@click.option("--path", type=ANY_PATH, help="Where the content of sealed data is now.")
@click.option("--html", "page", type=FILE, help="Also write the report as a page.")
@click.option("--dry-run", is_flag=True, help="Log nothing.")
@framed
def check(*, what: str, page: Path | None, dry_run: bool, **given: Any) -> Output:
    """Check a table, log a signed report; exit code 1 if it fails.

    WHAT is a reference to sealed data, or the path of a table. Row numbers count from 1 after the
    header. The report holds no cell unless the rules say that its column is public; about private
    data, or data that are not sealed yet, it is encrypted.

    Example: diptych data check trial --rules rules.toml --parent trial@1
    """
    from diptych.app.cli.opening import open_workspace

    done = open_workspace().data.check(what, log=not dry_run, **given)
    where = "" if done.index is None else f"record {done.index}"
    notes = () if page is None else (written(done.report, page, (what, where)),)
    logged = f"; logged as record {done.index}: {done.record}" if done.index is not None else ""
    return Output(
        done.to_json(),
        f"{report_text(done.report)}{logged}",
        exit_code=0 if done.report.verdict == "pass" else 1,
        notes=notes,
    )


def report_text(report: "QualityReport") -> str:
    """Return a report as people read it on a terminal."""
    rows = [
        (one.severity, one.rule, f"{one.count:,}", _rows(one.rows, one.count), one.text)
        for one in report.findings[:_SHOWN]
    ]
    lines = [table(rows, header=("", "rule", "count", "rows", "what"))] if rows else []
    if len(report.findings) > _SHOWN:
        lines.append(f"{len(report.findings) - _SHOWN} more findings; --json lists all")
    looked = ", ".join(sorted(report.looked))
    lines.append(
        f"{report.verdict}: {counted(len(report.failures), 'rule')} not met in "
        f"{counted(report.rows, 'row')} (looked at {looked}; rules {report.rules[:16]}…)"
    )
    return "\n".join(lines)


def written(report: "QualityReport", page: Path, about: tuple[str, str]) -> str:
    """Write a report as a page; return a note about it."""
    from diptych.core.files import write_output
    from diptych.data.quality.page import report_page

    what, where = about
    text = report_page(report, title=f"Quality of {what}", about=where)
    write_output(frame().folder / page, text.encode())
    return f"wrote {page.name}"


def _rows(rows: tuple[int, ...], count: int) -> str:
    shown = ", ".join(map(str, rows[:_SHOWN_ROWS]))
    return f"{shown}, …" if shown and count > _SHOWN_ROWS else shown
