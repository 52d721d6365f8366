"""Which queries DuckDB may be given: one SELECT over the index's tables, as it parses it."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from diptych.index.store.errors import QueryRefused
from diptych.index.store.guard import is_internal, word_set

if TYPE_CHECKING:
    import duckdb

_TABLE_FUNCTIONS = frozenset({"range", "generate_series", "unnest"})
# What runs other text, waits, looks at the process, or makes values of any size at once.
_FUNCTIONS = word_set(
    "query query_table json_execute_serialized_sql write_log getenv getvariable current_setting"
    " nextval currval setseed glob which_secret sleep sleep_ms in_search_path repeat lpad rpad"
    " printf format bar list_resize array_resize range generate_series force_checkpoint"
    " checkpoint add_parquet_key current_connection_id txid_current"
)
_PREFIXES = ("duckdb_", "pragma_", "read_", "parquet_", "sniff_", "arrow_", "pandas_", "python_")
_WRITING = ("INSERT", "UPDATE", "DELETE", "MERGE")


def check_query(parser: "duckdb.DuckDBPyConnection", sql: str) -> None:
    """Check a single SELECT.

    Raises:
        QueryRefused: naming what it must not do.
    """
    for node in _nodes(_parsed(parser, sql)):
        _check_node(node)


def _parsed(parser: "duckdb.DuckDBPyConnection", sql: str) -> Any:
    """Return DuckDB's own tree of the query."""
    rows = parser.execute("select json_serialize_sql($1)", [sql]).fetchall()
    try:
        found = json.loads(rows[0][0])
    except RecursionError:
        raise QueryRefused("got a query that is nested too deep") from None
    if found.get("error", True):
        raise QueryRefused(f"the query is refused: {found.get('error_message', '')[:300]}")
    return found["statements"]


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    waiting = [tree]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            yield one
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


def _check_node(node: dict[str, Any]) -> None:
    type_ = str(node.get("type", ""))
    if type_.startswith(_WRITING):
        raise QueryRefused("got a query that writes", hint="rows are changed by runs only")
    if type_ == "TABLE_FUNCTION":
        _check_table_function(node)
    elif "function_name" in node:
        name = str(node["function_name"]).lower()
        if name in _FUNCTIONS or name.startswith(_PREFIXES) or is_internal(name):
            raise QueryRefused(f"function {name} cannot be used in a query of an index")
    if type_ == "BASE_TABLE":
        _check_table(node)


def _check_table_function(node: dict[str, Any]) -> None:
    function = node.get("function") or {}
    name = str(function.get("function_name", "")).lower()
    if name not in _TABLE_FUNCTIONS:
        raise QueryRefused(f"function {name} cannot be used in a query of an index")
    # Its rows are streamed; as a value it would be one list in memory.
    function.pop("function_name", None)


def _check_table(node: dict[str, Any]) -> None:
    name = str(node.get("table_name", "")).lower()
    schema = str(node.get("schema_name", "")).lower()
    if schema not in {"", "main"} or node.get("catalog_name"):
        raise QueryRefused(f"got schema '{schema}', expected tables of the index")
    if is_internal(name):
        raise QueryRefused(f"table {name} is not one of the index")
