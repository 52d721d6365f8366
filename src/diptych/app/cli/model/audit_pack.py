"""`diptych model audit-pack`: events, training summary and proofs of a model in one folder."""

from pathlib import Path

import click

from diptych.app.cli.frame import Output, framed
from diptych.app.cli.given import ANY_PATH, REFERENCE
from diptych.app.cli.opening import open_workspace
from diptych_verify.wording import counted


@click.command("audit-pack")
@click.argument("what", metavar="REF", type=REFERENCE)
@click.option("--to", "target", type=ANY_PATH, required=True, help="Folder to make.")
@click.option("--reviewer", default="", help="Who reviews it; stays in the pack, not in the log.")
@click.option(
    "--retain-years", type=int, default=10, show_default=True, help="How long to keep it."
)
@framed
def audit_pack(*, what: str, target: Path, reviewer: str, retain_years: int) -> Output:
    """Write what an auditor asks for about REF, with a proof of each part.

    Events (EU AI Act Art. 12), summary of training content (Art. 53(1)(d)), card, bill of
    materials, one bundle for each event, and a signed record that the pack was made.
    """
    done = open_workspace().models.audit_pack(
        what, target, reviewer=reviewer, retain_years=retain_years
    )
    text = (
        f"packed {done.model} ({counted(done.events, 'event')}) as record {done.index} in {target}"
    )
    return Output(done.to_json(), f"{text}; keep it until {done.retain_until}")
