"""What no query of an index may name, whatever database answers it."""

_INTERNAL = ("pg_", "duckdb_", "pragma_", "sqlite_", "information_schema")


def is_internal(name: str) -> bool:
    """Whether a name is one of the database's own.

    >>> is_internal("pg_read_file"), is_internal("page")
    (True, False)
    """
    return name.lower().startswith(_INTERNAL)


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text.

    >>> sorted(word_set("b a"))
    ['a', 'b']
    """
    return frozenset(text.split())
