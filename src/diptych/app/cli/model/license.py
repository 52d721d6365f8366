"""`diptych model license` and `diptych data license`: set, show, grant, check and revoke."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from diptych.app.cli.frame import Output, frame, framed
from diptych.app.cli.given import FILE, REFERENCE
from diptych.app.cli.opening import open_workspace
from diptych.app.cli.printing import table
from diptych.core.errors import JsonValue, UsageError
from diptych_verify.licence_text import duty_text, rule_text, terms_lines

if TYPE_CHECKING:
    from diptych.app.verbs.licences import Granted, Held


class LicenceUnclear(UsageError):
    """Either the name of a built-in licence or a file is needed, never both."""

    code = "Licence.Unclear"


@click.group()
def license() -> None:
    """Set, show, grant, check and revoke licences."""


@license.command("set")
@click.argument("what", metavar="REF", type=REFERENCE)
@click.argument("licence", required=False, type=REFERENCE)
@click.option("--file", type=FILE, help="A licence document (JSON) instead of a built-in licence.")
@click.option("--own/--received", default=None, help="Whether we give it or got it under this.")
@framed
def set_(*, what: str, licence: str | None, file: Path | None, own: bool | None) -> Output:
    """Put data or a model under a licence: an SPDX id, `research`, `commercial`, or --file.

    A model is ours unless --received is given; data counts as received unless --own is given.

    Example: diptych data license set study CC-BY-4.0 --own
    """
    from diptych.app.verbs.model.license import load_licence, set_licence

    source = licence if file is None else frame().folder / file
    if source is None or (licence and file):
        raise LicenceUnclear(
            "give the name of a licence or --file, one of them",
            hint="diptych model license set REF CC-BY-4.0",
        )
    done = set_licence(open_workspace(), what, load_licence(source), own=own)
    verb = "is" if done.new else "was already"
    given = "given by us" if done.licensor else "as received"
    return Output(
        done.to_json(),
        f"'{done.name}' {verb} under {done.spdx}, {given} (record {done.index}): {done.digest}",
    )


@license.command()
@click.argument("what", metavar="REF", type=REFERENCE)
@framed
def show(*, what: str) -> Output:
    """Show the licence that holds for REF in words, and its grants.

    Example: diptych data license show study
    """
    from diptych.app.verbs.licences import open_licences
    from diptych.app.verbs.licensee import licensee_names
    from diptych.app.verbs.records import find_record

    book = open_workspace()
    with book.read_log() as log, open_licences(book, log) as licences:
        record = find_record(book, log, what)
        held, grants = licences.held(record), licences.grants(record)
    names = licensee_names(book)
    data: dict[str, JsonValue] = {"name": record.name, "record": record.record}
    data["grants"] = [_grant_json(one, names) for one in grants]
    lines = [f"'{record.name}' has no licence"]
    if held is not None:
        data["licence"] = _held_json(held)
        lines = list(_held_lines(record.name, held))
    if grants:
        rows = [_grant_row(one, names) for one in grants]
        lines.append(table(rows, header=("grant", "licensee", "until", "state")))
    return Output(data, "\n".join(lines))


@license.command()
@click.argument("what", metavar="REF", type=REFERENCE)
@click.argument("licensee", type=REFERENCE)
@click.option("--until", default="", help="Date or time (UTC) at which the grant ends.")
@click.option("--action", "actions", multiple=True, help="What it covers; may be repeated.")
@click.option("--later", is_flag=True, help="Cover later versions too.")
@framed
def grant(*, what: str, licensee: str, until: str, actions: tuple[str, ...], later: bool) -> Output:
    """Grant the licence of REF to LICENSEE.

    LICENSEE is a key id, or a name, which stays private: records hold a pseudonym.

    Example: diptych data license grant study "Lab B" --until 2027-12-31
    """
    from diptych.app.verbs.model.license import grant_licence

    done = grant_licence(
        open_workspace(), what, licensee, until=until, actions=actions, later=later
    )
    end = f" until {done.until}" if done.until else ""
    return Output(
        done.to_json(),
        f"granted '{done.name}' to {done.licensee}{end} (record {done.index}): {done.record}",
    )


@license.command()
@click.argument("what", metavar="REF", type=REFERENCE)
@click.argument("action", type=REFERENCE)
@click.option("--actor", help="Key id or name of who asks; by default our own key.")
@click.option("--at", help="Date or time (UTC) of the act; by default now.")
@click.option("--purpose", default="", help="What for, for example research.")
@click.option("--territory", default="", help="Where, a country code like CH.")
@click.option("--count", type=click.IntRange(1), help="How many uses this one makes.")
@framed
def check(
    *,
    what: str,
    action: str,
    actor: str | None,
    at: str | None,
    purpose: str,
    territory: str,
    count: int | None,
) -> Output:
    """Say whether somebody may do ACTION with REF, and which clause decides.

    Exit code 1 means no.

    Example: diptych data license check study train --purpose research
    """
    found = open_workspace().may(
        actor, action, what, when_s=_seconds(at), purpose=purpose, territory=territory, count=count
    )
    lines = [f"{'yes' if found.allowed else 'no'} [{found.clause}]: {found.reason}"]
    lines += [f"  must {duty_text(duty)}" for duty in found.duties]
    return Output(found.to_json(), "\n".join(lines), exit_code=0 if found.allowed else 1)


@license.command()
@click.argument("what", metavar="REF", type=REFERENCE)
@click.option("--to", help="Licensee whose grants end; by default the licence itself is revoked.")
@click.option("--reason", default="", help="Said publicly, at most 200 characters.")
@framed
def revoke(*, what: str, to: str | None, reason: str) -> Output:
    """Revoke the licence of REF, or with --to the grants to one licensee.

    Example: diptych data license revoke study --to "Lab B" --reason "ended"
    """
    from diptych.app.verbs.model.license import revoke_licence

    done = revoke_licence(open_workspace(), what, to=to, reason=reason)
    return Output({"revoked": list(done)}, "\n".join(f"revoked {record}" for record in done))


def _seconds(at: str | None) -> float | None:
    from diptych.app.verbs.model.license import BadTime

    if at is None:
        return None
    try:
        found = datetime.fromisoformat(at)
    except ValueError:
        raise BadTime(f"got '{at[:40]}', expected a date like 2027-12-31") from None
    return found.replace(tzinfo=found.tzinfo or UTC).timestamp()


def _held_json(held: "Held") -> dict[str, JsonValue]:
    from diptych.provenance.licence.document import licence_json

    return {
        "record": held.record.record,
        "digest": held.digest,
        "licensor": held.licensor,
        "revoked": held.revoked_s is not None,
        "document": licence_json(held.licence),
    }


def _held_lines(name: str, held: "Held") -> list[str]:
    licence = held.licence
    given = "given by us" if held.licensor else "as received"
    state = ", REVOKED" if held.revoked_s is not None else ""
    kind = "needs a grant" if licence.offer else "for everybody"
    lines = [f"'{name}': {licence.name} ({licence.spdx}), {kind}, {given}{state}"]
    lines += [f"  may {rule_text(rule)}" for rule in licence.permissions]
    duties = {duty for rule in licence.permissions for duty in rule.duties}
    lines += [f"  must {duty_text(duty)}" for duty in sorted(duties)]
    lines += [f"  must not {rule_text(rule)}" for rule in licence.prohibitions]
    lines += [f"  {line}" for line in terms_lines(licence)]
    lines.append(f"  document {held.digest}, record {held.record.index}")
    return lines


def _grant_json(one: "Granted", names: dict[str, str]) -> JsonValue:
    deal = one.agreement
    return {
        "record": one.record.record,
        "licensee": deal.licensee,
        "name": names.get(deal.licensee, ""),
        "until_s": deal.until_s,
        "revoked_s": deal.revoked_s,
        "actions": list(deal.actions),
        "later": one.later,
        "licence": one.under.digest,
    }


def _grant_row(one: "Granted", names: dict[str, str]) -> tuple[str, ...]:
    deal = one.agreement
    until = datetime.fromtimestamp(deal.until_s, UTC).date().isoformat() if deal.until_s else "-"
    state = "revoked" if deal.revoked_s is not None else "valid"
    return (str(one.record.index), names.get(deal.licensee, deal.licensee), until, state)
