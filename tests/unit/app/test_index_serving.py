"""An index is served, asked from other processes, and let go."""

import json
import os
import signal
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
import urllib3
from tests.unit.app.program import Program
from tests.unit.app.test_index_files import _COUNTED, _MANIFEST, _files

_QUERY = ("index", "query", "moves", _COUNTED)


@pytest.fixture
def indexed(book: Program) -> Program:
    _files("eras", book, 6)
    (book.folder / "moves.py").write_text(_MANIFEST)
    book.ok("index", "run", "moves.py", "--files", "eras")
    return book


@contextmanager
def served(program: Program, *words: str) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """Start a server on a free port; gives its URL."""
    child = program.start("index", *words, "--port", "0", "--json")
    assert child.stderr is not None
    line = child.stderr.readline().decode()
    assert line.startswith("serving at http://127.0.0.1:"), line
    yield line.split()[2], child


def record(program: Program) -> Path:
    return program.folder / ".diptych" / "index" / "moves" / "server.json"


@pytest.mark.parametrize(
    "words", [("serve", "moves"), ("run", "moves.py", "--files", "eras", "--serve")]
)
def test_a_served_index_is_asked_through_its_server(
    indexed: Program, words: tuple[str, ...]
) -> None:
    before = indexed.ok(*_QUERY)
    with served(indexed, *words) as (url, child):
        assert stat.S_IMODE(record(indexed).stat().st_mode) == 0o600
        assert indexed.ok(*_QUERY) == before
        shown = indexed.ok("index", "status", "moves")
        assert (shown["url"], shown["rows"]) == (url, {"move": before["rows"][0]["n"]})
        wrong = indexed.refused("index", "query", "moves", "select * from nothing", code=2)
        assert wrong["code"] == "Index.QueryRefused"
        assert indexed.refused("index", "serve", "moves", code=3)["code"] == "Index.StoreBusy"
        assert urllib3.request("GET", url + "health").json()["index"] == "moves"
        child.send_signal(signal.SIGTERM)
        ended = indexed.finish(child)
    assert ended.code == 0, ended
    assert json.loads(ended.out)["name"] == "moves"
    assert not record(indexed).exists()
    assert indexed.ok(*_QUERY) == before
    assert indexed.ok("index", "status", "moves")["url"] is None


class _Stranger(BaseHTTPRequestHandler):
    asked: list[str]

    def do_GET(self) -> None:
        """Claim to be the server, without the proof."""
        self.asked.append(self.headers.get("authorization", ""))
        body = json.dumps({"index": "moves", "proof": "0" * 64}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_a_stranger_at_the_address_is_not_asked_and_not_told_the_token(indexed: Program) -> None:
    asked: list[str] = []
    kind = type("Stranger", (_Stranger,), {"asked": asked})
    with HTTPServer(("127.0.0.1", 0), kind) as stranger:
        thread = Thread(target=stranger.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{stranger.server_port}/"
        _write(indexed, {"url": url, "pid": os.getpid(), "token": "secret"})
        assert indexed.ok(*_QUERY)["rows"][0]["n"] > 0
        stranger.shutdown()
        thread.join()
    assert asked == [""]


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ('{"url": "http://127.0.0.1:1/", "pid": 1, "token": "a"}', 0o600),
        ('{"url": "http://127.0.0.1:1/", "pid": 4000000, "token": "a"}', 0o600),
        ('{"url": "http://127.0.0.1:1/", "pid": -1, "token": "a"}', 0o600),
        ('{"url": "nonsense", "pid": 1, "token": "a"}', 0o600),
        ('{"url": 3}', 0o600),
        ("", 0o600),
        ('{"url": "http://127.0.0.1:1/", "pid": 1, "token": "a"}', 0o644),
    ],
)
def test_what_a_dead_server_left_does_not_stand_in_the_way(
    indexed: Program, text: str, mode: int
) -> None:
    record(indexed).write_text(text)
    record(indexed).chmod(mode)
    assert indexed.ok(*_QUERY)["rows"][0]["n"] > 0


def _write(program: Program, fields: dict[str, object]) -> None:
    record(program).write_text(json.dumps(fields))
    record(program).chmod(0o600)


def test_what_cannot_be_served_is_refused(indexed: Program) -> None:
    assert indexed.refused("index", "serve", "others", code=2)["code"] == "Index.Missing"
    wide = indexed.refused("index", "serve", "moves", "--sql", "--host", "0.0.0.0", code=2)
    assert wide["code"] == "Index.ServedTooWidely"
    until = indexed("index", "run", "moves.py", "--files", "eras", "--serve", "--until", "3")
    assert until.code == 2
    elsewhere = indexed.refused("index", "serve", "moves", "--host", "192.0.2.1", code=3)
    assert elsewhere["code"] == "Index.CannotServe"
