"""Which queries PostgreSQL may be given: words are told apart from text, names and remarks. Pure.

The session is read-only besides; this keeps out what a read-only transaction still may do: wait,
read files of the server, look at other sessions, change settings, call other servers.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from diptych.index.store.errors import QueryRefused
from diptych.index.store.guard import is_internal, word_set

_MAX_SQL = 100_000
_REMEMBERED = 512
_BEGINS = frozenset({"select", "with", "values", "table"})
_WRITES = word_set(
    "insert update delete merge truncate create alter drop grant revoke copy into call do set"
    " reset lock listen notify unlisten vacuum analyze explain execute prepare deallocate begin"
    " commit rollback share refresh import security reindex cluster discard load comment"
)
_FUNCTIONS = word_set(
    "set_config current_setting nextval setval currval lastval repeat lpad rpad format setseed"
    " inet_server_addr inet_server_port inet_client_addr version current_schemas database_to_xml"
    " database_to_xml_and_xmlschema database_to_xmlschema schema_to_xml schema_to_xmlschema"
    " schema_to_xml_and_xmlschema table_to_xml table_to_xmlschema table_to_xml_and_xmlschema"
    " query_to_xml query_to_xmlschema query_to_xml_and_xmlschema cursor_to_xml"
    " cursor_to_xmlschema ts_stat ts_rewrite loread lowrite crosstab connectby"
)
_PREFIXES = ("lo_", "dblink", "postgres_fdw", "txid_", "binary_upgrade", "plpgsql", "has_")
_TOKEN = re.compile(
    r"""
      (?P<space>\s+|--[^\n]*)
    | (?P<remark>/\*)
    | (?P<escaped>[eE]'(?:[^'\\]|''|\\.)*')
    | (?P<unicode>[uU]&['"])
    | (?P<text>[bBxXnN]?'(?:[^']|'')*')
    | (?P<dollar>\$(?P<tag>[A-Za-z_\x80-\U0010ffff][\w\x80-\U0010ffff]*)?\$)
    | (?P<quoted>"(?:[^"]|"")+")
    | (?P<word>[A-Za-z_\x80-\U0010ffff][\w$\x80-\U0010ffff]*)
    | (?P<other>[^'"])
    """,
    re.VERBOSE | re.DOTALL,
)


class Word(NamedTuple):
    """One word of a query: a keyword or name in lower case, or a name as it was quoted."""

    text: str
    is_quoted: bool


@lru_cache(_REMEMBERED)
def check_query(sql: str) -> None:
    """Check one query.

    Raises:
        QueryRefused: naming what it must not do.
    """
    if len(sql) > _MAX_SQL:
        raise QueryRefused(f"got a query of {len(sql)} characters, expected at most {_MAX_SQL}")
    if "\0" in sql:
        raise QueryRefused("got a query with a null character")
    found = list(words(sql))
    first = next((one for one in found if one.text != "("), None)
    if first is None or first.is_quoted or first.text not in _BEGINS:
        raise QueryRefused("got no single SELECT", hint="rows of an index are changed by runs only")
    for one, after in zip(found, [*found[1:], Word("", is_quoted=False)], strict=True):
        _check(one, after)


def words(sql: str) -> Iterator[Word]:
    """Return the words, names, brackets and semicolons of a query.

    Raises:
        QueryRefused: a text or remark does not end, or a name is written in escapes.

    >>> [one.text for one in words("select 'a' /* b */ from c")]
    ['select', 'from', 'c']
    """
    at, end = 0, len(sql.rstrip().removesuffix(";"))
    was_escaped = False
    while at < end:
        match = _TOKEN.match(sql, at, end)
        if match is None:
            raise QueryRefused("got a text that does not end")
        # A text continued on the next line goes on in escapes if it began so.
        if match["unicode"] or (was_escaped and match["text"]):
            raise QueryRefused("got a name or text in escapes, expected it as it is")
        was_escaped = bool(match["escaped"]) or (was_escaped and bool(match["space"]))
        at = _end(sql, match)
        word = _word(match)
        if word is not None:
            yield word


def _word(match: re.Match[str]) -> Word | None:
    if match["word"]:
        return Word(match["word"].lower(), is_quoted=False)
    if match["quoted"]:
        return Word(match["quoted"][1:-1].replace('""', '"'), is_quoted=True)
    return Word(match[0], is_quoted=False) if match[0] in "();" else None


def _end(sql: str, match: re.Match[str]) -> int:
    if match["remark"]:
        return _after_remark(sql, match.end())
    return _after(sql, match["dollar"], match.end()) if match["dollar"] else match.end()


def _check(one: Word, after: Word) -> None:
    calls = after == Word("(", is_quoted=False)
    if is_internal(one.text):
        raise QueryRefused(f"{one.text} cannot be used in a query of an index")
    if calls and (one.text in _FUNCTIONS or one.text.startswith(_PREFIXES)):
        raise QueryRefused(f"function {one.text} cannot be used in a query of an index")
    if one.is_quoted:
        return
    if one.text == ";":
        raise QueryRefused("got several statements, expected one SELECT")
    if one.text in _WRITES:
        raise QueryRefused(
            f"got the word {one.text.upper()} in a query", hint='quote it if it is a name: "name"'
        )


def _after_remark(sql: str, at: int) -> int:
    depth = 1
    while depth:
        opened, closed = sql.find("/*", at), sql.find("*/", at)
        if closed < 0:
            raise QueryRefused("got a remark that does not end")
        inner = 0 <= opened < closed
        depth, at = (depth + 1, opened + 2) if inner else (depth - 1, closed + 2)
    return at


def _after(sql: str, mark: str, at: int) -> int:
    found = sql.find(mark, at)
    if found < 0:
        raise QueryRefused("got a text that does not end")
    return found + len(mark)
