"""`diptych model usage`: record uses, log them under a root, prove and check totals."""

from pathlib import Path

import click

from diptych.app.cli.frame import Output, frame, framed
from diptych.app.cli.given import FILE, REFERENCE
from diptych.app.cli.opening import open_workspace
from diptych.core.errors import JsonValue
from diptych_verify.wording import counted


@click.group()
def usage() -> None:
    """Record uses, log them, prove and check totals."""


@usage.command()
@click.argument("what", metavar="REF", type=REFERENCE)
@click.argument("licensee", type=REFERENCE)
@click.option("--action", default="execute", show_default=True, help="What was done.")
@click.option("--units", type=click.IntRange(0, 2**40), default=1, help="How much; by default 1.")
@framed
def add(*, what: str, licensee: str, action: str, units: int) -> Output:
    """Record that LICENSEE used REF; durable when the command ends.

    LICENSEE is a key id, or a name, which stays private: records hold a pseudonym.
    """
    from diptych.app.verbs.model.usage import record_uses

    done = record_uses(open_workspace(), what, licensee, action=action, units=units)
    data: dict[str, JsonValue] = {"licensee": done.licensee, "asset": done.asset}
    data |= {"action": action, "units": units}
    return Output(data, f"recorded {action} of {counted(units, 'unit')} by {done.licensee}")


@usage.command("log")
@framed
def log_() -> Output:
    """Bring all uses so far under one root and log it."""
    from diptych.app.verbs.model.usage import log_usage

    done = log_usage(open_workspace())
    what = f"{counted(done.count, 'use')} by {counted(done.licensees, 'licensee')}"
    state = "logged" if done.new else "logged already:"
    return Output(done.to_json(), f"{state} {what} as record {done.index}, root {done.root}")


@usage.command()
@click.argument("licensee", type=REFERENCE)
@click.option("-o", "--output", type=FILE, help="Write the proof to this file.")
@framed
def total(*, licensee: str, output: Path | None) -> Output:
    """Prove how much LICENSEE used in all, under the newest logged root."""
    from diptych.app.verbs.model.usage import usage_total
    from diptych.core.files import write_output

    found = usage_total(open_workspace(), licensee)
    if output is not None:
        write_output(frame().folder / output, found.proof)
    used = f"{counted(found.count, 'use')}, {counted(found.units, 'unit')}"
    return Output(
        {**found.to_json(), "proof": str(output) if output else None},
        f"{found.licensee}: {used}, proven under record {found.index}",
        notes=(f"left out: {counted(found.waiting, 'use')} since; diptych model usage log",)
        if found.waiting
        else (),
    )


@usage.command()
@click.argument("proof", type=FILE)
@click.argument("bundle", type=FILE)
@click.option("--policy", type=FILE, help="Trust policy for the bundle.")
@framed
def check(*, proof: Path, bundle: Path, policy: Path | None) -> Output:
    """Check somebody's PROOF of a total against the BUNDLE of their usage record; offline."""
    from diptych.app.verbs.model.usage import check_total
    from diptych_verify.__main__ import read_file, read_policy
    from diptych_verify.bundle import parse_bundle
    from diptych_verify.dsse import parse_envelope
    from diptych_verify.statement import statement_of
    from diptych_verify.verify import verify_bundle

    folder = frame().folder
    raw = read_file(folder / bundle)
    evidence = verify_bundle(raw, policy=read_policy(policy and folder / policy))
    statement = statement_of(parse_envelope(parse_bundle(raw).records[0].envelope))
    found = check_total(read_file(folder / proof), statement)
    who = evidence.answer("who")
    return Output(
        {**found.to_json(), "record": evidence.record_id.hex(), "index": evidence.index},
        f"{found.licensee}: {counted(found.count, 'use')}, {counted(found.units, 'unit')}, and no "
        f"more under this root\n{who.question} {who.status}: {who.text}",
    )
