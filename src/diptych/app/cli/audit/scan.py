"""`diptych audit scan`: rules over source files, in several forms of report."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from diptych.app.cli.audit.places import PLACE, fetched, parted
from diptych.app.cli.bar import bar
from diptych.app.cli.frame import Output, frame, framed
from diptych.app.cli.given import FILE

if TYPE_CHECKING:
    from diptych.app.verbs.audit.scan import Audited
    from diptych.audit.source.address import OnChain
    from diptych.audit.triage.triaged import Threshold

_FAIL_ON = ("high", "medium", "low", "info", "never")
_PASSED_ON = ("rules", "slither", "baseline", "rules_only", "everything", "compiled", "jobs")
FORMS = ("text", "json", "sarif", "markdown", "html")


@click.command()
@click.argument("paths", nargs=-1, type=PLACE, required=True)
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
    "--fail-on",
    metavar="SEVERITY|RISK",
    multiple=True,
    help="Exit with 1 from this severity on (high, medium, low, info, never; else medium), or from "
    "this risk of a contract on (1 to 100); may be repeated.",
)
@click.option("--baseline", type=FILE, help="Only findings that are not in this file can fail.")
@click.option("--write-baseline", type=FILE, help="Write what was found as a baseline.")
@click.option("--no-ignore", is_flag=True, help="Honour no suppression, in the source or outside.")
@click.option("--ignore-file", type=FILE, help="Suppressions (else diptych-audit.toml).")
@click.option("--slither", is_flag=True, help="Honour what is suppressed for Slither, too.")
@click.option("--no-cache", is_flag=True, help="Use and keep nothing of other scans.")
@click.option("--rules-only", is_flag=True, help="Let no network judge what rules match.")
@click.option(
    "--all", "everything", is_flag=True, help="Scan tests, scripts, mocks, libraries, too."
)
@click.option("--compile", "compiled", is_flag=True, help="Let compilers refine what was read.")
@click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Scan in so many processes; the report is the same.",
)
@click.option("--sign", is_flag=True, help="Log a signed statement about the report (workspace).")
@framed
def scan(
    *, paths: "tuple[Path | OnChain, ...]", form: str, output: Path | None, **given: Any
) -> Output:
    """Find faults in files and folders of contracts.

    PATHS are files, or folders whose source files are scanned; node_modules and build folders are
    passed over unless named, and so are tests, scripts, mocks and libraries of a project that has
    the configuration of a build tool. A file that ends in .json is standard JSON, a build record
    or an explorer's record, with its sources inside. What the files import is read too. A file
    that does not compile, or a part of one, is analysed as far as it goes and marked partial.
    Bytecode in hex (.hex, .bin) is read, too, and so is ADDRESS@RPC_URL: the code at an address,
    and that of the contract that a proxy calls, asked of a JSON-RPC endpoint.

    Ctrl-C ends the scan, reports what is done and marks the rest as partial.
    """
    from diptych.app.cli.audit.forms import written_report
    from diptych.app.verbs.audit.scan import Auditing, audit, shown_path
    from diptych.audit.triage.baseline import dump_baseline
    from diptych.core.files import write_output

    limit = threshold(given["fail_on"])
    files, contracts = parted(paths)
    if given["sign"]:
        _require_files(files, output, only=not contracts)
    codes = fetched(contracts)
    how = Auditing(
        cache=not given["no_cache"],
        ignore=not given["no_ignore"],
        settings=given["ignore_file"],
        fetched=codes.texts,
        **{name: given[name] for name in _PASSED_ON},
    )
    folder = frame().folder
    done = audit([shown_path(folder, path) for path in files], folder, how, progress=bar)
    notes = [*codes.notices]
    if given["write_baseline"] is not None:
        named = done.triaged.report.fingerprints
        write_output(folder / given["write_baseline"], dump_baseline(named))
        notes.append(f"wrote {given['write_baseline']}: {len(named)} findings")
    failed = done.triaged.fails(limit)
    text = f"{written_report(done, form)}\n"
    if given["sign"]:
        notes.append(_signed(done, text, failed=failed))
    if output is not None:
        write_output(folder / output, text.encode())
        text = f"wrote {output}: {len(done.triaged.shown.findings)} findings"
    code = _exit_code(done, failed=failed)
    return Output(done.to_json(), text.rstrip("\n"), exit_code=code, notes=tuple(notes))


def _require_files(files: Sequence[Path], output: Path | None, *, only: bool) -> None:
    """Refuse to sign what cannot be held against files later."""
    if output is None:
        raise click.UsageError("--sign signs a file: name it with -o")
    if not only or any(path.suffix == ".json" for path in files):
        raise click.UsageError("--sign is for sources in files: unpack what is in JSON first")


def _signed(done: "Audited", text: str, *, failed: bool) -> str:
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.audit.sign import sign_report

    made = sign_report(open_workspace(), done, text.encode(), failed=failed)
    return f"logged as record {made.index}: report {made.report}"


def threshold(given: tuple[str, ...]) -> "Threshold":
    """Return what `--fail-on` says; nothing said means medium."""
    from diptych.audit.triage.triaged import Threshold

    severity: str | None = None
    risk: float | None = None
    for each in given or ("medium",):
        if each in _FAIL_ON:
            severity = None if each == "never" else each
        elif each.replace(".", "", 1).isdecimal() and 0 < float(each) <= 100:
            risk = float(each)
        else:
            names = ", ".join(_FAIL_ON)
            raise click.BadParameter(f"got '{each}', expected {names} or a risk from 1 to 100")
    return Threshold(severity, risk)


def _exit_code(done: "Audited", *, failed: bool) -> int:
    """Return 1 for findings, 3 if nothing could be read, 130 after Ctrl-C."""
    if done.triaged.report.interrupted:
        return 130
    return 3 if done.unread else int(failed)
