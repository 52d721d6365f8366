"""Subscriptions are told of what changed, survive reorganisations, and are bounded."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from tests.unit.index.chains import transfer
from tests.unit.index.served import (
    OPTIONS,
    Server,
    client,
    server,
    subscribe,
    subscriber,
    told,
)
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

_PAYMENTS = "subscription { payments(first: 1000) { value } }"
_ACCOUNTS = 'subscription { accounts(where: {id: "0x00"}) { id } }'


@pytest.fixture
def one() -> Iterator[Server]:
    with server() as made:
        yield made


def values(message: Any) -> list[str]:
    assert (message["type"], message["id"]) == ("next", "1")
    return [row["value"] for row in message["payload"]["data"]["payments"]]


def test_an_answer_comes_at_once_and_after_each_change(one: Server) -> None:
    with subscriber(one) as socket:
        subscribe(socket, _PAYMENTS)
        assert values(told(socket)) == ["10", "10", "10"]
        one.mine()
        one.mine(transfer(1, 2, 5))
        assert values(told(socket)) == ["10", "10", "10", "5"]


def test_after_a_reorganisation_the_corrected_answer_is_told(one: Server) -> None:
    with subscriber(one) as socket:
        subscribe(socket, _PAYMENTS)
        told(socket)
        one.chain.fork(2, [[transfer(7, 8, 99)], [], []])
        one.advance()
        assert values(told(socket)) == ["10", "99"]


def test_what_does_not_change_an_answer_is_not_told(one: Server) -> None:
    with subscriber(one) as socket:
        subscribe(socket, _ACCOUNTS, "same")
        subscribe(socket, _PAYMENTS, "1")
        assert {told(socket)["id"], told(socket)["id"]} == {"same", "1"}
        for value in (5, 6):
            one.mine(transfer(1, 2, value))
            assert told(socket)["id"] == "1"


def test_completed_ones_are_told_no_more_and_their_name_is_free(one: Server) -> None:
    with subscriber(one) as socket:
        subscribe(socket, _PAYMENTS)
        told(socket)
        socket.send('{"type": "complete", "id": "1"}')
        one.mine(transfer(1, 2, 5))
        subscribe(socket, _PAYMENTS)
        assert values(told(socket)) == ["10", "10", "10", "5"]


def test_queries_are_answered_once(one: Server) -> None:
    with subscriber(one) as socket:
        subscribe(socket, "{ payments { value } }")
        assert len(values(told(socket))) == 3
        assert told(socket) == {"id": "1", "type": "complete"}
        subscribe(socket, "{ nothing }")
        assert told(socket)["payload"][0]["message"].startswith("Cannot query field")


def test_wrong_subscriptions_are_answered_with_an_error(one: Server) -> None:
    with subscriber(one) as socket:
        subscribe(socket, "subscription { nothing }")
        assert told(socket)["type"] == "error"
        socket.send('{"type": "ping"}')
        assert told(socket) == {"type": "pong"}


def _ended(socket: ClientConnection) -> int:
    with suppress(ConnectionClosed):
        while True:
            socket.recv(10)
    assert socket.close_code is not None
    return socket.close_code


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ("nonsense", 4400),
        ('{"type": "strange"}', 4400),
        ('{"type": "subscribe", "id": "1"}', 4400),
        ('{"type": "subscribe", "payload": {"query": "{ a }"}}', 4400),
        ('{"type": "connection_init"}', 4429),
        ("[" * 5_000, 4400),
    ],
)
def test_other_messages_end_the_connection(one: Server, sent: str, status: int) -> None:
    with subscriber(one) as socket:
        socket.send(sent)
        assert _ended(socket) == status


def test_who_does_not_say_hello_is_dropped(one: Server) -> None:
    with client(one) as socket:
        subscribe(socket, _PAYMENTS)
        assert _ended(socket) == 4401
    with client(one) as socket:
        assert _ended(socket) == 4408


def test_names_are_used_once_and_operations_are_counted(one: Server) -> None:
    with subscriber(one) as socket:
        subscribe(socket, _PAYMENTS)
        subscribe(socket, _PAYMENTS)
        assert _ended(socket) == 4409
    with subscriber(one) as socket:
        for place in range(OPTIONS.limits.operations + 1):
            subscribe(socket, _PAYMENTS, str(place))
        assert _ended(socket) == 1013


def test_pages_of_other_origins_cannot_connect(one: Server) -> None:
    with pytest.raises(InvalidStatus), client(one, origin="https://evil.example"):
        pass
    with subscriber(one, origin=one.url.rstrip("/")) as socket:
        subscribe(socket, _PAYMENTS)
        assert len(values(told(socket))) == 3


def test_who_does_not_read_is_dropped_and_others_are_told() -> None:
    limits = replace(OPTIONS.limits, sending_s=0.3, operations=24)
    wide = "subscription { payments(first: 1000) { id value } }"
    with server(replace(OPTIONS, limits=limits)) as one:
        for _ in range(5):
            one.mine(*(transfer(place, place + 1, 1 << 200) for place in range(180)))
        with subscriber(one, max_queue=1, close_timeout=0.1) as deaf, subscriber(one) as socket:
            subscribe(socket, _PAYMENTS)
            told(socket)
            for place in range(limits.operations):
                aliased = wide.replace("payments(", f"p{place}: payments(")
                subscribe(deaf, aliased, str(place))
            for value in range(200):
                one.mine(transfer(1, 2, value))
                assert len(values(told(socket))) > 900
                metrics = one.ask("metrics").data.decode()
                if "diptych_index_websocket_clients 1" in metrics:
                    break
            assert 'refused_total{reason="slow"} 1' in metrics
