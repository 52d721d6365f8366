"""`diptych model list`, `show` and `history`: what the log says about models."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from diptych.app.cli.frame import Output, frame, framed
from diptych.app.cli.given import FILE, REFERENCE
from diptych.app.cli.opening import open_workspace
from diptych.app.cli.printing import table
from diptych.core.errors import JsonValue

if TYPE_CHECKING:
    from diptych.app.verbs.model.show import ModelRow


@click.command("list")
@click.argument("name", required=False, type=REFERENCE)
@click.option(
    "--limit",
    type=click.IntRange(1, 1_000_000),
    default=100,
    show_default=True,
    help="How many versions to list.",
)
@framed
def list_(*, name: str | None, limit: int) -> Output:
    """List models, or the versions of NAME, newest first."""
    from diptych.app.verbs.model.show import list_models

    found = list_models(open_workspace(), name, limit=limit + 1)
    rows = found[:limit]
    shown: list[JsonValue] = [row.to_json() for row in rows]
    cells = [
        (
            f"{row.name}@{row.version}",
            row.format,
            row.time,
            ", ".join(row.aliases) or "-",
            _state(row),
            row.record[:12],
        )
        for row in rows
    ]
    header = ("model", "format", "published (claimed)", "aliases", "state", "record")
    text = table(cells, header) if cells else "no models"
    more = len(found) > limit
    text += f"\nnot all: --limit shows more than {limit}" if more else ""
    return Output({"models": shown, "more": more}, text)


@click.command()
@click.argument("what", metavar="REF", type=REFERENCE)
@click.option("--card", "card_file", type=FILE, help="Write the card as Markdown to this file.")
@click.option("--tensors", is_flag=True, help="List the tensors too.")
@framed
def show(*, what: str, card_file: Path | None, tensors: bool) -> Output:
    """Show a version: its card, aliases, approvals and tensors."""
    from diptych.app.verbs.model.show import show as show_model
    from diptych.core.files import write_output
    from diptych.models.card.markdown import render_card

    book = open_workspace()
    shown = show_model(book, what)
    data = shown.to_json()
    text = render_card(shown.card, shown.local_names).rstrip()
    row = shown.row
    text += f"\n\nrecord {row.index}: {row.record}, published {row.time} (claimed), {_state(row)}"
    if row.aliases:
        text += f"\naliases: {', '.join(row.aliases)}"
    if tensors:
        listed = _tensors(what)
        data["tensor_list"] = [*listed]
        text += "\n" + "\n".join(listed)
    if card_file is not None:
        write_output(frame().folder / card_file, render_card(shown.card).encode())
    return Output(data, text)


@click.command()
@click.argument("name", type=REFERENCE)
@click.option("--alias", default="production", help="Which alias.")
@click.option("--at", help="Say only which version it named at this date or UTC time.")
@framed
def history(*, name: str, alias: str, at: str | None) -> Output:
    """Show which version of NAME an alias named, and when."""
    from diptych.app.verbs.model.history import moment

    book = open_workspace()
    if at is None:
        moves = book.models.history(name, alias)
        shown: list[JsonValue] = [move.to_json() for move in moves]
        rows = [
            (move.effective, _target(name, move.version), str(move.index), move.basis())
            for move in moves
        ]
        header = ("from", "version", "record", "time rests on")
        return Output({"name": name, "alias": alias, "moves": shown}, table(rows, header))
    found = book.models.in_force(name, alias, at)
    data: dict[str, JsonValue] = {"name": name, "alias": alias, "at": moment(at)}
    if found is None:
        return Output({**data, "move": None}, f"{name}:{alias} named nothing at {moment(at)}")
    return Output(
        {**data, "move": found.to_json()},
        f"{name}:{alias} was {_target(name, found.version)} at {moment(at)}, by record "
        f"{found.index}; time of the move: {found.basis()}",
    )


def _tensors(what: str) -> list[str]:
    from diptych.app.verbs.model.compare import tensor_list
    from diptych.app.verbs.model.resolve import registry_of, resolve

    book = open_workspace()
    with book.read_log() as log:
        found = resolve(log, registry_of(book, log), what)
        return [f"{one.text()} {one.sha256.hex()}" for one in tensor_list(book, found).leaves]


def _target(name: str, version: int | None) -> str:
    return "nothing" if version is None else f"{name}@{version}"


def _state(row: "ModelRow") -> str:
    if row.revoked:
        return f"revoked: {row.revoked}"
    return ", ".join(f"{verdict} ({role})" for role, verdict in row.approvals) or "published"
