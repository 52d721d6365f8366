"""Schemas of one index: one for the rows of each manifest, and one of views of the newest."""

import re

from diptych.index.store.errors import StoreFailed
from diptych.index.store.postgres_sql import connected, faults, run, schema_name
from diptych.index.store.tables import quoted

_VIEWS_MARK = "diptych index: views of its rows"


def keep_schema(url: str, index: str, schema: str) -> None:
    """Show the tables of a schema as views under the index's name; drop its earlier schemas.

    Args:
        url: of the database.
        index: name of the index, that of the schema with the views.
        schema: the rows to keep.

    Raises:
        StoreFailed: another's schema has the index's name, or the database refuses.
    """
    kept, shown = schema_name(schema), schema_name(index)
    connection = connected(url, kept, read_only=False)
    with connection, faults(url):
        mark = run(
            connection,
            "select obj_description(oid, 'pg_namespace') from pg_namespace where nspname = $1",
            [shown],
        )
        if mark and mark != [(_VIEWS_MARK,)]:
            raise StoreFailed(
                f"schema {shown} of the database is somebody else's",
                hint="rename it, or the index",
            )
        run(connection, f"drop schema if exists {quoted(shown)} cascade")
        run(connection, f"create schema {quoted(shown)}")
        run(connection, f"comment on schema {quoted(shown)} is '{_VIEWS_MARK}'")
        tables = run(connection, "select tablename from pg_tables where schemaname = $1", [kept])
        for (name,) in tables or []:
            view = f"{quoted(shown)}.{quoted(name)}"
            run(connection, f"create view {view} as select * from {quoted(kept)}.{quoted(name)}")
        known = run(connection, "select nspname from pg_namespace") or []
        earlier = re.compile(re.escape(index) + "_[0-9a-f]{16}")
        for (name,) in known:
            if name != kept and earlier.fullmatch(name):
                run(connection, f"drop schema {quoted(name)} cascade")
        connection.commit()
