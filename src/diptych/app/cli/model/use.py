"""`diptych model verify` and `use`: get a model the one safe way, look at the evidence, run it."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from diptych.app.cli.frame import Output, frame, framed
from diptych.app.cli.given import ANY_PATH, FILE, REFERENCE
from diptych.app.cli.opening import open_workspace

if TYPE_CHECKING:
    from diptych.app.verbs.model.load import Loading
    from diptych_verify.policy import TrustPolicy


@click.command()
@click.argument("what", metavar="REF", type=REFERENCE)
@click.argument("path", required=False, type=ANY_PATH)
@click.option("--policy", "policy_file", type=FILE, help="Trust policy: what to believe.")
@click.option("--approved-by", multiple=True, help="Role that must have approved; repeatable.")
@click.option("--as", "actor", default="", help="Licensee on whose behalf to ask the licence.")
@click.option("--purpose", default="", help="Purpose to state to the licence.")
@click.option("--lineage", is_flag=True, help="Insist on all ancestor records.")
@framed
def verify(
    *,
    what: str,
    policy_file: Path | None,
    approved_by: tuple[str, ...],
    **conditions: Any,
) -> Output:
    """Check a version as loading does: log, alias, signature, revocation, licence, card, bytes.

    PATH is where its files are, by default the workspace's store.
    """
    loaded = open_workspace().models.load(
        what, policy=_policy(policy_file), approvals=approved_by, sources=True, **conditions
    )
    evidence = loaded.evidence
    lines = [f"{loaded.name}@{loaded.version} may be used: record {loaded.record}"]
    lines += [f"{a.question:<13} {a.status:<14} {a.text}" for a in evidence.verified.answers]
    lines.append(f"licence       {evidence.licence}")
    lines += [f"approved      {role}" for role, _ in evidence.approvals]
    lines.append(f"not revoked   as of log size {evidence.size}, on the log's word")
    return Output({**evidence.to_json(), "version": loaded.version}, "\n".join(lines))


@click.command()
@click.argument("what", metavar="REF", type=REFERENCE)
@click.argument("source", metavar="INPUT", type=FILE)
@click.option("--output", "-o", type=FILE, help="Write the answers as JSON to this file.")
@click.option("--path", type=ANY_PATH, help="Where the model's files are; default: the store.")
@click.option("--policy", "policy_file", type=FILE, help="Trust policy: what to believe.")
@click.option("--as", "actor", default="", help="Licensee who uses it; default: this workspace.")
@click.option("--purpose", default="", help="Purpose to state to the licence.")
@framed
def use(
    *,
    what: str,
    source: Path,
    output: Path | None,
    path: Path | None,
    policy_file: Path | None,
    actor: str,
    purpose: str,
) -> Output:
    """Load a version under all checks and predict on INPUT: CSV with a header, JSON or .npy."""
    import json

    from diptych.app.verbs.model.use import use as use_model
    from diptych.core.files import write_output
    from diptych_verify.wording import counted

    how = _how(path=path, policy=_policy(policy_file), actor=actor, purpose=purpose)
    used = use_model(open_workspace(), what, source, how)
    data = used.to_json()
    named = f"{used.model.name}@{used.model.version}"
    rows = counted(used.rows, "row")
    if output is not None:
        raw = json.dumps(data, indent=1, ensure_ascii=False).encode() + b"\n"
        write_output(frame().folder / output, raw)
        return Output(data, f"{named} answered {rows}; wrote {output}")
    shown = [f"{name}: {str(array.tolist())[:2_000]}" for name, array in used.outputs.items()]
    return Output(data, "\n".join([f"{named}, {rows}", *shown]))


def _how(**members: Any) -> "Loading":
    from diptych.app.verbs.model.load import Loading

    return Loading(**members)


def _policy(path: Path | None) -> "TrustPolicy | None":
    from diptych_verify.__main__ import read_policy

    return read_policy(None if path is None else frame().folder / path)
