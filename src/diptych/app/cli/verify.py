"""`diptych verify`: a bundle, a sealed path or record, or the whole log."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from diptych.app.cli.frame import Output, frame, framed
from diptych.app.cli.given import ANY_PATH, FILE, REFERENCE
from diptych.app.place import Place, find_home
from diptych.core.errors import UsageError
from diptych_verify.wording import counted

if TYPE_CHECKING:
    from diptych_verify.evidence import Evidence
    from diptych_verify.policy import TrustPolicy


_LONGEST_PATH = 4_096


class OptionUnused(UsageError):
    """An option was given to `verify` that does not belong to what is verified."""

    code = "Verify.OptionUnused"


@click.command()
@click.argument("what", required=False, type=REFERENCE)
@click.argument("path", required=False, type=ANY_PATH)
@click.option(
    "--policy",
    "policy_file",
    type=FILE,
    help="Trust policy: what to believe. Without one, a bundle is self-asserted.",
)
@click.option("--lineage", is_flag=True, help="Insist on all ancestor records.")
@click.option("--online", is_flag=True, help="Also ask the chain what it has seen of this log.")
@framed
def verify(
    *, what: str | None, path: Path | None, policy_file: Path | None, lineage: bool, online: bool
) -> Output:
    """Check a bundle, a sealed path or the whole log.

    WHAT is a bundle file, or an index, record id or sealed path of this workspace; PATH is the
    file or folder to compare. Without WHAT the whole log is recomputed.
    """
    if what is None:
        if policy_file is not None or lineage:
            raise OptionUnused(
                "--policy and --lineage judge one record", hint="diptych verify RECORD"
            )
        return _verify_log(online)
    policy = _policy(policy_file)
    if _is_bundle(what):
        if online:
            raise OptionUnused(
                "a bundle is verified offline", hint="diptych verify RECORD --online"
            )
        return _show(_verify_bundle(what, path, policy=policy, lineage=lineage))
    from diptych.app.cli.opening import open_workspace

    book = open_workspace()
    return _show(book.verify(what, path=path, policy=policy, lineage=lineage, online=online))


def _is_bundle(what: str) -> bool:
    """Say whether this is meant as a bundle, by its name or, for other names, by its format."""
    if what.endswith(".diptych.json"):
        return True
    from diptych_verify.__main__ import read_file

    path = frame().folder / what
    if len(what) > _LONGEST_PATH or not path.is_file():
        return False
    with path.open("rb") as stream:
        if stream.read(1) != b"{":
            return False
    return b'"diptych-bundle/' in read_file(path)


def _verify_bundle(
    bundle: str, path: Path | None, *, policy: "TrustPolicy | None", lineage: bool
) -> "Evidence":
    from diptych_verify.__main__ import NoSuchFile, read_file
    from diptych_verify.verify import verify_bundle

    folder = frame().folder
    if path is not None and not (folder / path).exists():
        raise NoSuchFile(f"there is no {folder / path}")
    raw = read_file(folder / bundle)
    evidence = verify_bundle(
        raw,
        policy=policy,
        path=None if path is None else folder / path,
        lineage=lineage,
    )
    home = find_home(folder)
    if home is None or evidence.kind != "private":
        return evidence
    from diptych.app.verbs.erasures import known_here

    return known_here(Place(home).log, evidence, raw)


def _policy(path: Path | None) -> "TrustPolicy | None":
    from diptych_verify.__main__ import read_policy

    return read_policy(None if path is None else frame().folder / path)


def _verify_log(online: bool) -> Output:
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.verify import verify_log

    found = verify_log(open_workspace(), online=online)
    return Output(
        found.to_json(),
        f"log {found.origin}: {counted(found.size, 'record')} recomputed, root {found.root}",
    )


def _show(evidence: "Evidence") -> Output:
    lines = [
        f"record {evidence.record_id.hex()} ({evidence.kind} {evidence.subject!a}), "
        f"index {evidence.index} of {evidence.origin}, size {evidence.size}"
    ]
    lines += [f"{a.question:<13} {a.status:<14} {a.text}" for a in evidence.answers]
    lines += [f"  lineage {n['index']!s:>8}  {n['kind']} {n['name']!a}" for n in evidence.lineage]
    return Output(evidence.to_json(), "\n".join(lines))
