"""What PostgreSQL is asked is told apart from texts and remarks by its lexical rules."""

import random

import pytest

from diptych.index.store.check_queries import SEVERAL, WRITES
from diptych.index.store.errors import QueryRefused
from diptych.index.store.postgres_sql import masked, schema_name
from diptych.index.store.postgres_words import check_query, words

HARMLESS = [
    "'pg_sleep(1)'",
    "'it''s; pg_sleep(1)'",
    "E'\\'pg_sleep(1)\\\\'",
    "$$ pg_sleep(1); ' $$",
    "$a$ $$ pg_sleep(1) $a$",
    "/* pg_sleep(1) /* ; */ ' */ 1",
    "-- pg_sleep(1); '\n 1",
    '"a""b"',
    "1",
]
HARMFUL = ["pg_sleep(1)", '"pg_sleep"(1)', "PG_SLEEP (1)", "pg_catalog.pg_sleep(1)", "dblink('')"]


@pytest.mark.parametrize("seed", range(50))
def test_a_call_is_found_among_any_texts_and_remarks(seed: int) -> None:
    rng = random.Random(seed)
    parts = [rng.choice(HARMLESS) for _ in range(rng.randint(1, 9))]
    check_query("select " + ", ".join(parts))
    parts.insert(rng.randint(0, len(parts)), rng.choice(HARMFUL))
    with pytest.raises(QueryRefused):
        check_query("select " + ", ".join(parts))


@pytest.mark.parametrize("seed", range(50))
def test_nothing_but_a_refusal_comes_of_any_text(seed: int) -> None:
    rng = random.Random(seed)
    alphabet = "'\"$/*-;()eEuU&\\ \nselct\0é"
    for _ in range(100):
        text = "select " + "".join(rng.choice(alphabet) for _ in range(rng.randint(0, 40)))
        try:
            check_query(text)
        except QueryRefused:
            continue
        assert sum(one.text == ";" for one in words(text)) == 0


_LEFT_TO_THE_DATABASE = ("such", "selec 1", "select (1")


@pytest.mark.parametrize("sql", [*WRITES, *SEVERAL])
def test_what_writes_is_refused_by_its_words(sql: str) -> None:
    if any(one in sql for one in _LEFT_TO_THE_DATABASE):
        return
    with pytest.raises(QueryRefused):
        check_query(sql)


def test_names_fit_and_passwords_are_masked() -> None:
    long = schema_name("é" * 60)
    assert len(long.encode()) <= 63
    assert long != schema_name("é" * 61)
    assert "secret" not in masked("postgres://a:secret@b/c?sslmode=require&password=secret")
    assert masked("postgres://a@b/c") == "postgres://a@b/c"
