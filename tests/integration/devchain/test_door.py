"""The door against hostile clients: web pages, other hosts, garbage, giants, sluggards."""

import json
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from tests.integration.devchain.actor import Rpc
from tests.integration.devchain.inside import engine_in

from diptych.ledger.devchain import door as door_module
from diptych.ledger.devchain.door import Door
from diptych.ledger.devchain.engine import Engine
from diptych.ledger.devchain.rpc import MAX_BATCH, MAX_BODY_BYTES
from diptych.ledger.devchain.service import Service

pytestmark = pytest.mark.node

CHAIN_ID = b'{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]}'


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with engine_in(tmp_path_factory.mktemp("door") / "chain") as running:
        yield running


@pytest.fixture
def door(engine: Engine) -> Iterator[Door]:
    listening = Door(0, lambda: Service(engine, {"session_id": "s"}))
    thread = threading.Thread(target=listening.serve_forever, args=(0.02,))
    thread.start()
    yield listening
    listening.shutdown()
    thread.join()
    listening.server_close()


@pytest.fixture
def rpc(door: Door) -> Iterator[Rpc]:
    client = Rpc(f"http://127.0.0.1:{door.port}")
    yield client
    client.close()


def talk(door: Door, request: bytes, *, timeout_s: float = 10.0) -> bytes:
    """Send raw bytes and return everything that comes back until the door closes."""
    with closing(socket.create_connection(("127.0.0.1", door.port), timeout_s)) as connection:
        connection.sendall(request)
        with suppress(OSError):  # the door may have hung up already
            connection.shutdown(socket.SHUT_WR)
        answer = b""
        while chunk := connection.recv(65_536):
            answer += chunk
        return answer


def post(door: Door, body: bytes, *headers: str, host: str | None = None) -> bytes:
    lines = ["POST / HTTP/1.1", f"Host: {host or f'127.0.0.1:{door.port}'}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def alive(door: Door) -> bool:
    client = Rpc(f"http://127.0.0.1:{door.port}")
    with closing(client):
        return str(client.call("eth_blockNumber")).startswith("0x")


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"])
def test_loopback_names_are_welcome(door: Door, rpc: Rpc, name: str) -> None:
    assert rpc.post(CHAIN_ID, Host=f"{name}:{door.port}")[0] == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", ""]
)
def test_foreign_hosts_are_turned_away(door: Door, rpc: Rpc, host: str) -> None:
    status, answer = rpc.post(CHAIN_ID, Host=host.format(port=door.port))
    assert status == 403
    assert "Host" in answer["error"]["message"]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
def test_pages_of_other_origins_are_turned_away(rpc: Rpc, origin: str) -> None:
    assert rpc.post(CHAIN_ID, Origin=origin)[0] == 403


def test_a_page_of_the_own_origin_is_welcome(door: Door, rpc: Rpc) -> None:
    assert rpc.post(CHAIN_ID, Origin=f"http://localhost:{door.port}")[0] == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", "x"])
def test_what_a_form_could_send_is_turned_away(rpc: Rpc, kind: str) -> None:
    assert rpc.post(CHAIN_ID, Content_Type=kind)[0] == 415


def test_a_charset_beside_the_type_is_welcome(rpc: Rpc) -> None:
    assert rpc.post(CHAIN_ID, Content_Type="application/json; charset=utf-8")[0] == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (["Content-Type: application/json"], b"411"),
        (["Content-Type: application/json", "Content-Length: -1"], b"411"),
        (["Content-Type: application/json", "Content-Length: 1e3"], b"411"),
        (["Content-Type: application/json", "Content-Length: 5", "Content-Length: 6"], b"400"),
        (["Content-Type: application/json", "Transfer-Encoding: chunked"], b"411"),
        (["Content-Type: application/json", f"Content-Length: {MAX_BODY_BYTES + 1}"], b"413"),
        (["Content-Type: application/json", "Content-Length: 999999999999"], b"413"),
    ],
)
def test_unclear_or_huge_lengths_are_turned_away(
    door: Door, headers: list[str], status: bytes
) -> None:
    answer = talk(door, post(door, b"", *headers))
    assert answer.startswith(b"HTTP/1.1 " + status)
    assert alive(door)


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\r\n\r\n",
        b"garbage\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"OPTIONS / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"POST / HTTP/9.9\r\n\r\n",
        b"POST " + b"/" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"POST / HTTP/1.1\r\n" + b"X: y\r\n" * 5_000 + b"\r\n",
        b"POST / HTTP/1.1\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost 127.0.0.1\r\n\r\n",
        b"\x00" * 10_000,
    ],
)
def test_garbage_ends_its_own_connection_only(door: Door, request_bytes: bytes) -> None:
    answer = talk(door, request_bytes)
    assert b" 200 " not in answer
    assert alive(door)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"[" * 200_000, b"\xff\xfe", b'{"a":1,"a":2}', b"[" * 33 + b"]" * 33],
)
def test_bad_json_is_answered_with_an_error(rpc: Rpc, body: bytes) -> None:
    status, answer = rpc.post(body)
    assert status == 200
    assert answer["error"]["data"]["code"] == "Chain.BadRequest"
    assert answer["id"] is None


def test_an_overlong_batch_is_refused_and_a_mixed_one_answered_in_order(rpc: Rpc) -> None:
    status, answer = rpc.post(b"[" + b",".join([CHAIN_ID] * (MAX_BATCH + 1)) + b"]")
    assert (status, answer["error"]["code"]) == (200, -32600)
    calls = ["eth_chainId", "anvil_mine", "diptych_mine", "eth_blockNumber", "eth_blockNumber"]
    before = int(rpc.call("eth_blockNumber"), 16)
    answers = rpc.batch([(method, []) for method in calls])
    assert answers[1]["error"]["code"] == -32601
    assert [int(answer["result"], 16) for answer in answers[3:]] == [before + 1] * 2


def test_the_client_version_and_session_tell_whose_chain_it_is(rpc: Rpc) -> None:
    assert rpc.call("web3_clientVersion").startswith("diptych/")
    assert rpc.call("diptych_session") == {"session_id": "s"}


def test_a_request_that_drips_in_is_cut_off(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door_module, "_RECEIVE_TIMEOUT_S", 0.2)
    started_s = time.monotonic()
    with closing(socket.create_connection(("127.0.0.1", door.port), 10)) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\n")
        connection.settimeout(0.05)
        for _ in range(100):
            try:
                connection.sendall(b"X")
                if not connection.recv(1):
                    break
            except TimeoutError:
                continue
            except OSError:
                break
    assert time.monotonic() - started_s < 4
    assert alive(door)


def test_a_body_that_never_comes_is_cut_off(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door_module, "_RECEIVE_TIMEOUT_S", 0.2)
    head = post(door, b"{", "Content-Type: application/json", "Content-Length: 100")
    with closing(socket.create_connection(("127.0.0.1", door.port), 10)) as connection:
        connection.sendall(head)
        assert connection.recv(100) == b""


def test_an_idle_connection_is_not_taken_for_a_slow_one(
    door: Door, rpc: Rpc, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door_module, "_RECEIVE_TIMEOUT_S", 0.1)
    assert rpc.post(CHAIN_ID)[0] == 200
    time.sleep(0.4)
    assert rpc.post(CHAIN_ID)[0] == 200


def test_too_many_connections_are_refused_and_the_rest_go_on(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door_module, "_MAX_CONNECTIONS", 3)
    held = [socket.create_connection(("127.0.0.1", door.port), 10) for _ in range(3)]
    time.sleep(0.2)
    with closing(socket.create_connection(("127.0.0.1", door.port), 10)) as late:
        assert late.recv(1) == b""
    for connection in held:
        connection.close()
    time.sleep(0.2)
    assert alive(door)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_nothing_but_the_socket_reaches_anvil(engine: Engine) -> None:
    status = engine.status()
    table = Path(f"/proc/{status['anvil_pid']}/net/tcp")
    inodes = _sockets_of(int(str(status["anvil_pid"])))
    listening = [
        line.split()[1].partition(":")[0]
        for line in table.read_text().splitlines()[1:]
        if line.split()[3] == "0A" and line.split()[9] in inodes
    ]
    assert listening == ["010000E0"]  # 224.0.0.1, to which nobody can connect


def _sockets_of(pid: int) -> set[str]:
    links = (link.readlink().name for link in Path(f"/proc/{pid}/fd").iterdir())
    return {name[8:-1] for name in links if name.startswith("socket:")}


def test_answers_are_json_rpc_even_for_http_errors(door: Door) -> None:
    answer = talk(door, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    body = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert body["error"]["data"]["code"] == "Chain.BadRequest"
