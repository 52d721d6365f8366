"""`diptych data share`, `receive`, `accesses` and `identity`: data for a few, under terms."""

from pathlib import Path
from typing import Any

import click

from diptych.app.cli.frame import Output, frame, framed
from diptych.app.cli.given import ANY_PATH, FILE, FOLDER, REFERENCE
from diptych.app.cli.opening import open_workspace
from diptych.app.cli.printing import table
from diptych.core.errors import JsonValue, UsageError
from diptych_verify.wording import counted


class ShareNeedsPolicy(UsageError):
    """A share is opened under a trust policy only: without one, anybody could have made it."""

    code = "Share.NeedsPolicy"


@click.command()
@click.argument("what", metavar="REF", type=REFERENCE)
@click.option(
    "--to",
    "recipients",
    required=True,
    multiple=True,
    type=REFERENCE,
    help="Public key: age1…, ssh-ed25519 …, ssh-rsa … or secp256k1:…; may be repeated.",
)
@click.option("--licence", type=REFERENCE, help="Terms; by default those that hold for REF.")
@click.option(
    "--until", default="", help="Date or time (UTC) at which it ends; by default it does not."
)
@click.option("--purpose", default="", help="What for; public.")
@click.option("--path", type=ANY_PATH, help="Where the files are, if not where they were sealed.")
@click.option(
    "--subject",
    "subjects",
    multiple=True,
    type=REFERENCE,
    help="Of a private table: whose rows; '-' reads one from standard input; may be repeated.",
)
@click.option(
    "--column", "columns", multiple=True, type=REFERENCE, help="Of a private table: which field."
)
@click.option("-o", "--output", required=True, type=FILE, help="File to write.")
@framed
def share(
    *,
    what: str,
    recipients: tuple[str, ...],
    subjects: tuple[str, ...],
    output: Path,
    **options: Any,
) -> Output:
    """Encrypt REF for recipients, with its proof and under terms, and log that.

    Without --licence the licence that holds for REF gives the terms. Of a table that was sealed
    row by row, --subject and --column choose what is shown. Records hold fingerprints of the
    recipients that differ from share to share.

    Example: diptych data share study --to age1… --until 2027-12-31 -o study.share
    """
    from diptych.app.cli.data.subject_input import one_subject
    from diptych.app.verbs.data.share import Sharing

    chosen = tuple(one_subject(name) for name in subjects)
    how = Sharing(recipients, subjects=chosen, **options)
    done = open_workspace().data.share(what, output, how)
    end = f" until {done.until}" if done.until else ""
    return Output(
        {**done.to_json(), "file": str(output)},
        f"wrote {output}: '{done.name}' for {counted(len(done.recipients), 'recipient')}{end} "
        f"(share {done.index}): {done.record}",
    )


@click.command()
@click.argument("file", type=FILE)
@click.option("--to", "target", required=True, type=FOLDER, help="Folder to make.")
@click.option("--identity", required=True, type=FILE, help="Private key: age, ssh or secp256k1.")
@click.option("--policy", "policy_file", type=FILE, help="Trust policy: whom to believe.")
@click.option("--log", type=FOLDER, help="Export of the owner's log, to look for a revocation.")
@framed
def receive(
    *, file: Path, target: Path, identity: Path, policy_file: Path | None, log: Path | None
) -> Output:
    """Open a share, verify all of it under a trust policy, and only then write it.

    Nothing stands in the folder before everything is verified. The receipt that is written is
    signed by this workspace's key: send it to the owner, who logs the access.

    Example: diptych data receive study.share --to got --identity age.key --policy policy.toml
    """
    from diptych.app.verbs.data.receive import Opening
    from diptych_verify.__main__ import read_policy

    policy = read_policy(None if policy_file is None else frame().folder / policy_file)
    if policy is None:
        raise ShareNeedsPolicy(
            "a share is opened under a trust policy",
            hint="ask its owner for the file of: diptych export policy FILE",
        )
    done = open_workspace().data.receive(file, target, Opening(identity, policy, log))
    seen = "no view of the owner's log was at hand: a revocation would not be known"
    if done.log_size is not None:
        seen = f"not revoked among the {done.log_size} entries of the owner's log"
    end = f"until {done.until}" if done.until else "no end"
    lines = [f"received '{done.name}' ({counted(done.files, 'file')}, {end}) in {done.folder}"]
    lines += [f"  {one.question}: {one.status}: {one.text}" for one in done.evidence.answers]
    lines += [f"  {seen}", f"send {done.receipt} to the owner"]
    return Output(done.to_json(), "\n".join(lines))


@click.group()
def accesses() -> None:
    """Log receipts of recipients, list shares and accesses."""


@accesses.command()
@click.argument("receipt", type=FILE)
@framed
def add(*, receipt: Path) -> Output:
    """Check the receipt of a recipient and log the access.

    Example: diptych data accesses add got/receipt.json
    """
    done = open_workspace().data.add_receipt(receipt)
    late = " AFTER THE SHARE ENDED" if done.late else ""
    verb = "logged" if done.new else "had logged"
    return Output(
        done.to_json(),
        f"{verb} the access of {done.recipient} at {done.at}{late} (record {done.index}): "
        f"{done.record}",
    )


@accesses.command("list")
@framed
def list_() -> Output:
    """List who was given access and who used it; only we can name the keys.

    Example: diptych data accesses list
    """
    found = open_workspace().data.accesses()
    shown: list[JsonValue] = [one.to_json() for one in found]
    rows = [
        (str(o.index), o.kind, o.name, o.time, o.known[:40] or o.recipient, o.state) for o in found
    ]
    text = table(rows, header=("record", "kind", "name", "time", "recipient", "state"))
    return Output({"accesses": shown}, text if found else "nothing was shared")


@click.command()
@click.option("-o", "--output", required=True, type=FILE, help="File for the private key.")
@framed
def identity(*, output: Path) -> Output:
    """Make an age key to receive shares with; prints the public key to hand out.

    Example: diptych data identity -o age.key
    """
    from diptych.app.verbs.data.identity import make_identity

    recipient = make_identity(frame().folder / output)
    return Output(
        {"recipient": recipient, "file": str(output)},
        f"wrote the private key to {output}; hand out: {recipient}",
    )
