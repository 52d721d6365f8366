"""GraphQL over nulls, rows that refer to nothing, keys of several fields, and past blocks."""

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any

import pytest
from tests.unit.index.chains import TOKEN, HandMadeChain, account, transfer

from diptych.index import Indexer, Manifest, entity, kinds
from diptych.index.manifest.entity import Entity
from diptych.index.manifest.handlers import EventRow, Read
from diptych.index.query.graphql.executing import GraphQL
from diptych.index.store.duck import DuckStore
from diptych.index.store.postgres import PostgresStore
from diptych.index.store.store import QueryLimits


@entity
class Pool:
    id: kinds.Address
    price: kinds.Uint256 | None


@entity
class Note:
    pool: Annotated[kinds.Address, kinds.Refers("Pool"), kinds.Key()]
    number: Annotated[int, kinds.Key()]
    mark: kinds.Uint256 | None
    word: str | None


def made() -> Manifest:
    manifest = Manifest("notes", entities=[Pool, Note])
    token = manifest.contract("Token", abi="erc20", address="0x" + TOKEN.hex())

    @manifest.on(token.events.Transfer)
    def moved(event: EventRow, read: Read) -> Iterator[object]:
        value, pool = event.args["value"], event.args["to"]
        known = value % 3 != 0
        if known:
            yield Pool(id=pool, price=value if value % 2 else None)
        mark = kinds.Uint256(value // 10) if value % 4 else None
        word = f"w{value % 7}" if value % 5 else None
        yield Note(pool=pool, number=event.block * 10 + event.log_index, mark=mark, word=word)

    return manifest


Opened = Callable[[Sequence[Entity]], DuckStore | PostgresStore]


def in_memory(entities: Sequence[Entity]) -> DuckStore:
    """Return a store that is gone with the test."""
    return DuckStore(None, entities)


class Asked:
    """An index of notes, and the notes and pools as plain rows."""

    def __init__(self, opened: Opened = in_memory, amount: str = "BIGNUM") -> None:
        rng = random.Random(11)
        self.chain = HandMadeChain()
        self.notes: list[dict[str, Any]] = []
        self.pools: dict[str, int | None] = {}
        for block in range(20):
            logs = []
            for index in range(rng.randrange(5)):
                value, to = rng.randrange(1, 200), rng.randrange(6)
                logs.append(transfer(0, to, value))
                self._note(block * 10 + index, "0x" + account(to).hex(), value)
            self.chain.mine(*logs)
        manifest = made()
        self.store = opened(list(manifest.entities.values()))
        self.indexer = Indexer(manifest, self.chain, self.store)
        self.indexer.catch_up()
        self.entities = list(manifest.entities.values())
        self.graphql = GraphQL(self.entities, amount=amount)

    def _note(self, number: int, pool: str, value: int) -> None:
        if value % 3:
            self.pools[pool] = value if value % 2 else None
        self.notes.append(
            {
                "pool": pool,
                "number": number,
                "mark": value // 10 if value % 4 else None,
                "word": f"w{value % 7}" if value % 5 else None,
            }
        )

    def __call__(self, text: str, **variables: Any) -> Any:
        with self.store.snapshot() as seen:
            return self.graphql.answer(seen, text, variables)


@pytest.fixture(scope="module")
def ask() -> Iterator[Asked]:
    asked = Asked()
    yield asked
    asked.store.close()


def _sorted(rows: list[dict[str, Any]], order: str, *, down: bool) -> list[dict[str, Any]]:
    """Return rows in order, nulls last in both directions, then by key in the direction."""
    rows = sorted(rows, key=lambda one: (one["pool"], one["number"]), reverse=down)
    given = [one for one in rows if one[order] is not None]
    given.sort(key=lambda one: one[order], reverse=down)
    return given + [one for one in rows if one[order] is None]


@pytest.mark.parametrize("order", ["mark", "word", "number", "pool", "id"])
@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_pages_meet_rows_with_nulls_and_two_keys_once_and_in_order(
    ask: Asked, order: str, direction: str
) -> None:
    by, pages = ("pool" if order == "id" else order), []
    after: str | None = None
    while True:
        text = f"""query($after: ID) {{ notes(first: 4, after: $after, orderBy: {order},
          orderDirection: {direction}) {{ id number }} }}"""
        page = ask(text, after=after)["data"]["notes"]
        if not page:
            break
        pages += [int(one["number"]) for one in page]
        after = page[-1]["id"]
    expected = _sorted(ask.notes, by, down=direction == "desc")
    assert pages == [one["number"] for one in expected]


def test_a_page_after_a_row_that_is_not_there_is_empty(ask: Asked) -> None:
    missing = "0x" + "00" * 20 + ":7"
    answer = ask("query($a: ID) { notes(after: $a, orderBy: mark) { id } }", a=missing)
    assert answer == {"data": {"notes": []}}
    refused = ask('{ notes(orderBy: pool__price, after: "a:1") { id } }')
    assert refused["errors"][0]["extensions"]["code"] == "Index.BadFilter"


@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_rows_are_ordered_by_what_they_refer_to(ask: Asked, direction: str) -> None:
    text = f"""{{ notes(first: 1000, orderBy: pool__price, orderDirection: {direction})
      {{ number pool {{ id price }} }} }}"""
    rows = [{**one, "price": ask.pools.get(one["pool"])} for one in ask.notes]
    expected = _sorted(rows, "price", down=direction == "desc")
    found = ask(text)["data"]["notes"]
    assert [int(one["number"]) for one in found] == [one["number"] for one in expected]
    for one, row in zip(found, expected, strict=True):
        known = row["pool"] in ask.pools
        price = None if row["price"] is None else str(row["price"])
        assert one["pool"] == ({"id": row["pool"], "price": price} if known else None)


@pytest.mark.parametrize(
    ("where", "kept"),
    [
        ("mark: null", lambda one: one["mark"] is None),
        ("mark_not: null", lambda one: one["mark"] is not None),
        ("mark_gt: 5", lambda one: one["mark"] is not None and one["mark"] > 5),
        ("mark_in: [1, 2, 3]", lambda one: one["mark"] in {1, 2, 3}),
        ('word: "w1"', lambda one: one["word"] == "w1"),
        (
            'or: [{word_ends_with: "2"}, {mark: null}]',
            lambda one: one["mark"] is None or (one["word"] or "").endswith("2"),
        ),
        ("number_lt: 50", lambda one: one["number"] < 50),
    ],
)
def test_filters_take_nulls_as_they_are(ask: Asked, where: str, kept: Any) -> None:
    found = ask(f"{{ notes(first: 1000, where: {{{where}}}) {{ number }} }}")["data"]["notes"]
    expected = sorted(one["number"] for one in ask.notes if kept(one))
    assert sorted(int(one["number"]) for one in found) == expected


def test_filters_reach_through_relations_and_leave_out_rows_without_one(ask: Asked) -> None:
    text = "{ notes(first: 1000, where: {pool_: {price_gt: 20}}) { number } }"
    found = {int(one["number"]) for one in ask(text)["data"]["notes"]}
    prices = ((one["number"], ask.pools.get(one["pool"])) for one in ask.notes)
    assert found == {number for number, price in prices if price is not None and price > 20}


def test_a_block_is_asked_by_number_hash_or_least_number(ask: Asked) -> None:
    for block in (0, 7, 19):
        hash_ = "0x" + ask.chain.blocks[block].ref.hash.hex()
        expected = sum(one["number"] < block * 10 + 10 for one in ask.notes)
        for height in (f"number: {block}", f'hash: "{hash_}"', f'hash: "{hash_.upper()}"'):
            shown = height.replace('"0X', '"0x')
            answer = ask(f"{{ notes(first: 1000, block: {{{shown}}}) {{ id }} }}")
            assert len(answer["data"]["notes"]) == expected
        meta = ask(f'{{ _meta(block: {{hash: "{hash_}"}}) {{ block {{ number hash }} }} }}')
        assert meta["data"]["_meta"] == {"block": {"number": block, "hash": hash_}}
    newest = ask("{ notes(first: 1000, block: {number_gte: 5}) { id } }")["data"]["notes"]
    assert len(newest) == len(ask.notes)
    assert "data" in ask("{ notes(block: {number: null}) { id } }")


@pytest.mark.parametrize(
    "height",
    ["number: 20", "number: -1", "number_gte: 20", 'hash: "0x12"', 'number: 1, hash: "0x12"'],
)
def test_blocks_that_are_not_indexed_are_refused(ask: Asked, height: str) -> None:
    answer = ask(f"{{ notes(block: {{{height}}}) {{ id }} }}")
    assert answer["errors"][0]["extensions"]["code"] == "Index.BadFilter"


def test_after_a_reorganisation_a_hash_of_the_left_branch_is_refused() -> None:
    one = Asked()
    left = "0x" + one.chain.blocks[15].ref.hash.hex()
    one.chain.fork(8, [[]] * 10)
    one.indexer.catch_up()
    text = "query($h: Bytes) { notes(block: {hash: $h}) { id } }"
    assert "errors" in one(text, h=left)
    assert "data" in one(text, h="0x" + one.chain.blocks[15].ref.hash.hex())
    one.store.close()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{ " + "notes { id } " * 30 + "}", "more than 20 times"),
        (
            "{ notes { id } } " + "".join(f"fragment f{i} on Note {{ id }} " for i in range(101)),
            "101 fragments",
        ),
        ("{ " + "".join(f"a{i}: notes {{ id }} " for i in range(101)) + "}", "more than 100 lists"),
    ],
)
def test_what_costs_too_much_is_refused(ask: Asked, text: str, said: str) -> None:
    message = ask(text)["errors"][0]["message"]
    assert said in message


def test_a_request_has_one_time_for_all_its_statements(ask: Asked) -> None:
    times = iter(range(100))
    slow = GraphQL(ask.entities, limits=QueryLimits(timeout_s=3.0), clock=lambda: next(times))
    with ask.store.snapshot() as seen:
        assert "data" in slow.answer(seen, "{ a: notes { id } b: notes { id } }")
        many = "{ a: notes { id } b: notes { id } c: notes { id } }"
        assert "longer than 3 s" in slow.answer(seen, many)["errors"][0]["message"]
