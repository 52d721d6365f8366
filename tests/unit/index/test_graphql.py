"""GraphQL answers what a plain loop over the rows answers, and refuses what is too dear."""

import random
from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from tests.unit.index.chains import TOKEN, HandMadeChain, account, transfer

from diptych.index import Indexer, Manifest, entity, kinds
from diptych.index.manifest.handlers import EventRow, Read
from diptych.index.query.graphql.executing import GraphQL
from diptych.index.store.duck import DuckStore


@entity
class Account:
    id: kinds.Address
    moves: kinds.Count


@entity(immutable=True)
class Payment:
    id: str
    block: int
    sender: Annotated[kinds.Address, kinds.Refers("Account")]
    receiver: Annotated[kinds.Address, kinds.Refers("Account")]
    value: kinds.Uint256


@entity
class Pair:
    sender: Annotated[kinds.Address, kinds.Key()]
    receiver: Annotated[kinds.Address, kinds.Key()]
    value: kinds.Total


def made() -> Manifest:
    manifest = Manifest("payments", entities=[Account, Payment, Pair])
    token = manifest.contract("Token", abi="erc20", address="0x" + TOKEN.hex())

    @manifest.on(token.events.Transfer)
    def moved(event: EventRow, read: Read) -> Iterator[object]:
        sender, receiver = event.args["from"], event.args["to"]
        value = event.args["value"]
        yield Payment(id=event.id, block=event.block, sender=sender, receiver=receiver, value=value)
        yield Account(id=sender, moves=1)
        yield Account(id=receiver, moves=1)
        yield Pair(sender=sender, receiver=receiver, value=value)

    return manifest


class Asked:
    """An index of a small chain, and the payments on it as plain rows."""

    def __init__(self) -> None:
        rng = random.Random(7)
        chain = HandMadeChain()
        self.payments: list[dict[str, Any]] = []
        for block in range(30):
            logs = []
            for index in range(rng.randrange(4)):
                sender, receiver = rng.randrange(5), rng.randrange(5)
                value = rng.randrange(1 << rng.choice([4, 64, 255]))
                logs.append(transfer(sender, receiver, value))
                self.payments.append(
                    {
                        "id": f"{block}-{index}",
                        "block": block,
                        "sender": "0x" + account(sender).hex(),
                        "receiver": "0x" + account(receiver).hex(),
                        "value": value,
                    }
                )
            chain.mine(*logs)
        manifest = made()
        self.head = chain.head()
        self.store = DuckStore(None, list(manifest.entities.values()))
        Indexer(manifest, chain, self.store).catch_up()
        self.graphql = GraphQL(list(manifest.entities.values()))

    def __call__(self, text: str, **variables: Any) -> Any:
        with self.store.snapshot() as seen:
            return self.graphql.answer(seen, text, variables)


@pytest.fixture(scope="module")
def ask() -> Iterator[Asked]:
    asked = Asked()
    yield asked
    asked.store.close()


def test_rows_are_filtered_ordered_and_paged_as_asked(ask: Asked) -> None:
    text = """query($least: BigInt!, $skip: Int!) {
      found: payments(first: 5, skip: $skip, orderBy: value, orderDirection: desc,
                      where: {value_gt: $least}) { id value }
    }"""
    rows = sorted(ask.payments, key=lambda one: (one["value"], one["id"]), reverse=True)
    wanted = [one for one in rows if one["value"] > 10]
    for skip in (0, 5):
        answer = ask(text, least="10", skip=skip)
        shown = [{"id": one["id"], "value": str(one["value"])} for one in wanted[skip : skip + 5]]
        assert answer == {"data": {"found": shown}}


def test_pages_by_key_meet_every_row_once(ask: Asked) -> None:
    for order in ("id", "value", "sender"):
        seen: list[str] = []
        after: str | None = None
        while True:
            chosen = f"first: 7, orderBy: {order}, after: $after"
            text = f"query($after: ID) {{ payments({chosen}) {{ id }} }}"
            page = [one["id"] for one in ask(text, after=after)["data"]["payments"]]
            if not page:
                break
            seen += page
            after = page[-1]
        assert sorted(seen) == sorted(one["id"] for one in ask.payments)


def test_relations_are_followed_both_ways(ask: Asked) -> None:
    text = """{ accounts(first: 10) {
      id moves
      paymentsByReceiver(first: 2, orderBy: value, orderDirection: desc) { value sender { id } }
    } }"""
    answer = ask(text)
    assert len(answer["data"]["accounts"]) == 5
    for one in answer["data"]["accounts"]:
        got = sorted(
            (row for row in ask.payments if row["receiver"] == one["id"]),
            key=lambda row: (row["value"], row["id"]),
            reverse=True,
        )
        assert [int(row["value"]) for row in one["paymentsByReceiver"]] == [
            row["value"] for row in got[:2]
        ]
        assert [row["sender"]["id"] for row in one["paymentsByReceiver"]] == [
            row["sender"] for row in got[:2]
        ]
        moves = sum((row["sender"], row["receiver"]).count(one["id"]) for row in ask.payments)
        assert one["moves"] == str(moves)


def test_a_relation_can_be_filtered_by_what_it_refers_to(ask: Asked) -> None:
    answer = ask("{ payments(first: 1000, where: {sender_: {moves_lt: 10}}) { id } }")
    moves: dict[str, int] = {}
    for row in ask.payments:
        for who in (row["sender"], row["receiver"]):
            moves[who] = moves.get(who, 0) + 1
    wanted = {row["id"] for row in ask.payments if moves[row["sender"]] < 10}
    assert {one["id"] for one in answer["data"]["payments"]} == wanted


def test_and_or_lists_and_texts(ask: Asked) -> None:
    text = """{ payments(first: 1000, where: {or: [
      {id_in: ["1-0", "2-0"]}, {and: [{id_starts_with: "1"}, {value_lte: "15"}]}
    ]}) { id } }"""
    wanted = {
        row["id"]
        for row in ask.payments
        if row["id"] in {"1-0", "2-0"} or (row["id"].startswith("1") and row["value"] <= 15)
    }
    assert {one["id"] for one in ask(text)["data"]["payments"]} == wanted
    assert ask('{ payments(where: {id_contains: "%"}) { id } }') == {"data": {"payments": []}}


def test_time_travel_shows_the_rows_of_that_block(ask: Asked) -> None:
    for block in (0, 11, 29):
        answer = ask(
            "query($n: Int!) { accounts(first: 10, block: {number: $n}) { id moves } }", n=block
        )
        expected: dict[str, int] = {}
        for row in ask.payments:
            if row["block"] <= block:
                for who in (row["sender"], row["receiver"]):
                    expected[who] = expected.get(who, 0) + 1
        shown = {one["id"]: int(one["moves"]) for one in answer["data"]["accounts"]}
        assert shown == expected
    too_new = ask("{ accounts(block: {number: 30}) { id } }")
    assert "not indexed" in too_new["errors"][0]["message"]


def test_one_row_is_found_by_its_keys(ask: Asked) -> None:
    row = ask.payments[0]
    pair = f"{row['sender']}:{row['receiver']}"
    answer = ask(
        "query($id: ID!) { pair(id: $id) { id value } }",
        id=pair,
    )
    total = sum(
        one["value"]
        for one in ask.payments
        if (one["sender"], one["receiver"]) == (row["sender"], row["receiver"])
    )
    assert answer["data"]["pair"] == {"id": pair, "value": str(total)}
    assert (
        ask('{ pair(id: "0x12") { id } }')["errors"][0]["extensions"]["code"] == "Index.BadFilter"
    )


def test_meta_and_introspection(ask: Asked) -> None:
    answer = ask("{ _meta { block { number hash } hasIndexingErrors } }")
    assert answer["data"]["_meta"] == {
        "block": {"number": 29, "hash": "0x" + ask.head.hash.hex()},
        "hasIndexingErrors": False,
    }
    assert ask("{ __schema { queryType { name } } }")["data"]["__schema"] == {
        "queryType": {"name": "Query"}
    }


def test_fragments_aliases_and_directives(ask: Asked) -> None:
    text = """query($with: Boolean!) {
      a: payments(first: 1) { ...Named value @include(if: $with) __typename }
    }
    fragment Named on Payment { key: id ... on Payment { block } }"""
    row = min(ask.payments, key=lambda one: one["id"])
    plain = {"key": row["id"], "block": str(row["block"]), "__typename": "Payment"}
    assert ask(text, **{"with": False})["data"]["a"] == [plain]
    assert ask(text, **{"with": True})["data"]["a"] == [{**plain, "value": str(row["value"])}]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{ payments(first: 5000) { id } }", "expected 0 to 1000"),
        ("{ payments(skip: -1) { id } }", "expected 0 to"),
        ("{ nothing }", "Cannot query field"),
        ("{", "Syntax Error"),
        ('{ payments(where: {value_gt: "many"}) { id } }', "expected a whole number"),
        ("{ " + "a { " * 300 + "}" * 301, "nested too deep"),
        ("query A { payments { id } } query B { payments { id } }", "no operation"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_a_reason(ask: Asked, text: str, said: str) -> None:
    answer = ask(text)
    assert "data" not in answer
    assert said in answer["errors"][0]["message"]


def test_values_never_become_part_of_a_statement(ask: Asked) -> None:
    attack = "x' or 1=1 --"
    answer = ask(
        "query($id: String!) { payments(where: {id_not_contains: $id, id: $id}) { id } }", id=attack
    )
    assert answer == {"data": {"payments": []}} or "errors" in answer
    assert ask("query($id: ID!) { payment(id: $id) { id } }", id=attack) == {
        "data": {"payment": None}
    }
