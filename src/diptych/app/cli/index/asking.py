"""`diptych index status`, `query`."""

import click

from diptych.app.cli.frame import Output, framed
from diptych.app.cli.given import REFERENCE
from diptych.app.cli.printing import table

_MAX_SHOWN = 1_000


@click.command()
@click.argument("name", type=REFERENCE, required=False)
@click.option("--digest", is_flag=True, help="Digest all rows: equal indexes, equal digests.")
@framed
def status(*, name: str | None, digest: bool) -> Output:
    """Show how far the index NAME is and what it holds; without NAME list all.

    Example: diptych index status tokens
    """
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.index.asking import index_names, index_status

    workspace = open_workspace()
    if name is None:
        names = index_names(workspace)
        return Output({"indexes": list(names)}, "\n".join(names) or "no index yet")
    found = index_status(workspace, name, digest=digest)
    lines = [f"{found.name}: block {found.block} of {found.source}"]
    lines += [f"  {count:>12,}  {what}" for what, count in found.rows.items()]
    lines.append(f"  {found.unread:>12,}  events that could not be decoded")
    size = "elsewhere" if found.store_bytes is None else f"{found.store_bytes:,} B"
    if found.url is not None:
        lines.append(f"served at {found.url}")
    lines.append(f"rows {size}, cache {found.cache_bytes:,} B")
    if found.digest is not None:
        lines.append(f"digest {found.digest}")
    return Output(found.to_json(), "\n".join(lines))


@click.command()
@click.argument("name", type=REFERENCE)
@click.argument("sql", type=REFERENCE)
@click.option(
    "--limit",
    type=click.IntRange(1, 1_000_000),
    default=_MAX_SHOWN,
    show_default=True,
    help="Refuse to give more rows.",
)
@framed
def query(*, name: str, sql: str, limit: int) -> Output:
    """Answer one SELECT over the tables of the index NAME.

    A row stood at block N if `_from <= N and (_to is null or _to > N)`.

    Example: diptych index query tokens "select * from balance where _to is null limit 3"
    """
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.index.asking import index_query
    from diptych.index.store.store import QueryLimits

    found = index_query(open_workspace(), name, sql, limits=QueryLimits(rows=limit))
    rows = found.to_pylist()
    shown = [tuple("" if one is None else str(one) for one in row.values()) for row in rows]
    return Output({"rows": rows}, table(shown, tuple(found.column_names)))
