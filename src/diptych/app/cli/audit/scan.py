"""`diptych audit scan`: rules over Solidity files, in several forms of report."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from diptych.app.cli.bar import bar
from diptych.app.cli.frame import Output, frame, framed
from diptych.app.cli.given import ANY_PATH, FILE

if TYPE_CHECKING:
    from diptych.audit.scan import Report

_FAIL_ON = ("high", "medium", "low", "info")


@click.command()
@click.argument("paths", nargs=-1, type=ANY_PATH, required=True)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "sarif"]),
    default="text",
    show_default=True,
    help="Form of the report.",
)
@click.option("-o", "--output", type=FILE, help="Write the report here instead of printing it.")
@click.option("--rule", "rules", multiple=True, help="Run only this rule; may be repeated.")
@click.option(
    "--fail-on",
    type=click.Choice([*_FAIL_ON, "never"]),
    default="medium",
    show_default=True,
    help="Exit with 1 from this severity on.",
)
@framed
def scan(
    *, paths: tuple[Path, ...], form: str, output: Path | None, rules: tuple[str, ...], fail_on: str
) -> Output:
    """Find faults in Solidity files and folders.

    PATHS are files, or folders whose .sol files are scanned; node_modules and build folders are
    passed over unless named. What the files import is read too. A file that does not compile, or
    a part of one, is analysed as far as it goes and marked partial.
    """
    from diptych.audit.catalogue import installed_rules
    from diptych.audit.report.sarif import sarif
    from diptych.audit.report.terminal import terminal
    from diptych.audit.scan import scan_program
    from diptych.audit.source.files import find_sources
    from diptych.audit.source.load import load_program
    from diptych.core.files import write_output

    chosen = installed_rules(rules)
    loaded = load_program(find_sources([_shown(path) for path in paths]))
    report = scan_program(loaded, chosen, bar)
    if form == "sarif":
        text = json.dumps(sarif(report, [rule.info for rule in chosen]), indent=1)
    elif form == "json":
        text = json.dumps(report.to_json(), indent=1)
    else:
        text = terminal(report, loaded.texts)
    if output is not None:
        write_output(frame().folder / output, f"{text}\n".encode())
        text = f"wrote {output}: {len(report.findings)} findings"
    return Output(report.to_json(), text, exit_code=_exit_code(report, fail_on))


def _shown(path: Path) -> Path:
    """Return a path as reports show it: below the working folder where it lies there."""
    full = frame().folder / path
    folder = Path.cwd()
    return full.relative_to(folder) if full.is_relative_to(folder) else full


def _exit_code(report: "Report", fail_on: str) -> int:
    grave = _FAIL_ON[: _FAIL_ON.index(fail_on) + 1] if fail_on in _FAIL_ON else ()
    return int(any(finding.severity in grave for finding in report.findings))
