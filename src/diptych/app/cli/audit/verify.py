"""`diptych audit verify`: a report against the log, and the code that it is about."""

from pathlib import Path

import click

from diptych.app.cli.frame import Output, frame, framed
from diptych.app.cli.given import FILE
from diptych.audit.finding import SEVERITIES
from diptych_verify.wording import counted


@click.command()
@click.argument("report", type=FILE)
@click.option("--policy", "policy_file", type=FILE, help="Trust policy: what to believe.")
@framed
def verify(*, report: Path, policy_file: Path | None) -> Output:
    """Hold a report against the log and the code.

    REPORT is a file that `audit scan --sign -o REPORT` wrote, in any form. Checked are that a
    signed record of the log is about exactly these bytes, and that every file that it names is
    still what was audited.
    """
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.audit.sign import verify_report
    from diptych_verify.__main__ import read_policy

    policy = read_policy(None if policy_file is None else frame().folder / policy_file)
    found = verify_report(open_workspace(), report, policy=policy)
    claim = found.claim
    counts = zip(SEVERITIES, claim.counts, strict=True)
    said = ", ".join(f"{count} {name}" for name, count in counts if count) or "nothing"
    answers = "; ".join(f"{one.question} {one.status}" for one in found.evidence.answers)
    text = (
        f"record {found.record.index}, claimed time {found.record.statement.time}: "
        f"{claim.verdict}, {said} in {counted(claim.files, 'file')} "
        f"({claim.partial} in part), highest risk {claim.score}; "
        f"report and code are unchanged\n{answers}"
    )
    return Output(found.to_json(), text)
