"""A chain that is not ours: profiles, what each failure says, and time that others believe."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from tests.integration.app.desk import Desk, desk
from tests.unit.app.program import Program

from diptych.ledger.account import LocalAccount
from diptych.ledger.chain import Chain
from diptych.ledger.devchain.throwaway import DEV_KEYS, throwaway_node
from diptych.ledger.rpc import Rpc

KEY = "s3cr3tapikey0123456789"
RICH = LocalAccount(bytes.fromhex(DEV_KEYS[0][2:])).address


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk(tmp_path_factory.mktemp("real"), DIPTYCH_CHAIN__TIMEOUT_S="5") as made:
        yield made


@pytest.fixture
def book(
    folder: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Program:
    return Program(folder.folder, dict(folder.environ), capsys, monkeypatch)


def _use(book: Program, url: str, name: str = "real") -> None:
    book.ok("chain", "add", name, url)
    book.environ["DIPTYCH_CHAIN__PROFILE"] = name


def _when(book: Program, *words: str) -> str:
    answers: list[dict[str, Any]] = book.ok("verify", *words)["answers"]
    return str(next(a["status"] for a in answers if a["question"] == "when"))


def test_from_an_empty_chain_to_time_that_a_stranger_believes(book: Program) -> None:
    with throwaway_node(chain_id=4_242, extra=["--block-time", "1"]) as url:
        _use(book, url)
        shown = book.refused("anchor", code=book("anchor").code)
        assert "contracts deploy" in shown["hint"], shown
        examined = json.loads(book("chain", "doctor", "--json").out)
        funding = next(c for c in examined["checks"] if c["name"] == "funding")
        assert (examined["ok"], funding["outcome"]) == (False, "failed")

        plan = book.ok("contracts", "deploy", "--plan")
        assert (plan["chain_id"], plan["balance_wei"]) == (4_242, "0")
        assert book.refused("contracts", "deploy", code=3)["code"] == "Outbox.Underfunded"

        chain = Chain(Rpc(url))
        value = {"from": RICH, "to": plan["sender"], "value": hex(10**18)}
        chain.request("eth_sendTransaction", value)
        while chain.balance_wei(plan["sender"]) == 0:
            time.sleep(0.1)
        deployed = book("contracts", "deploy")
        assert deployed.code == 0, deployed
        assert "Anchor at 0x" in deployed.out
        assert "was there already" in book("contracts", "deploy").out

        anchored = book.ok("anchor")
        assert (anchored["chain_id"], anchored["size"], anchored["new"]) == (4_242, 2, True)
        assert book.ok("anchor")["new"] is False
        book.ok("verify", "--online")

    # From here on nobody can ask the chain.
    book.ok("bundle", "study", "--manifest")
    book.ok("export", "policy", "policy.toml")
    words = ("study.diptych.json", "study", "--policy", "policy.toml")
    assert _when(book, *words) == "proven"
    assert _when(book, "study") == "proven"
    policy = book.folder / "policy.toml"
    text = policy.read_text()
    policy.write_text(text[: text.index("[[blocks]]")])
    assert _when(book, *words) == "self-asserted"
    for verb in (("anchor",), ("verify", "--online"), ("contracts", "deploy", "--plan")):
        assert book.refused(*verb, code=3)["code"] == "Chain.Unreachable"


def test_an_endpoint_that_changed_its_chain_is_refused(book: Program) -> None:
    with throwaway_node(chain_id=4_242) as url:
        book.environ["CHAIN_HOST"] = url.removeprefix("http://")
        _use(book, "http://${CHAIN_HOST}")
        assert book.ok("chain", "list")["profiles"][1]["chain_id"] == 4_242
    with throwaway_node(chain_id=4_243) as other:
        book.environ["CHAIN_HOST"] = other.removeprefix("http://")
        for words in (("anchor",), ("contracts", "deploy"), ("verify", "--online")):
            assert book.refused(*words, code=3)["code"] == "Chain.WrongChain", words
        examined = json.loads(book("chain", "doctor", "--json").out)
        assert examined["checks"][0]["outcome"] == "failed"


def test_profiles_are_listed_removed_and_masked(book: Program) -> None:
    with throwaway_node(chain_id=4_242) as url:
        secret = f"{url}/?key={KEY}"
        ran = book("chain", "add", "keyed", secret)
        assert ran.code == 0, ran
        listed = book("chain", "list")
        assert KEY not in ran.out + ran.err + listed.out + json.dumps(book.ok("chain", "list"))
        assert "***" in listed.out
        profiles = book.folder / ".diptych" / "private" / "chains.json"
        assert profiles.stat().st_mode & 0o777 == 0o600
    book.environ["DIPTYCH_CHAIN__PROFILE"] = "keyed"
    ran = book("anchor")
    assert (ran.code, KEY in ran.out + ran.err) == (3, False)
    assert book.refused("chain", "up", code=2)["code"] == "Chain.NotEmbedded"
    assert book.refused("chain", "reset", "--yes", code=2)["code"] == "Chain.NotEmbedded"
    book.ok("chain", "remove", "keyed")
    assert book.refused("anchor", code=2)["code"] == "Chain.UnknownProfile"
    assert book.refused("chain", "remove", "keyed", code=2)["code"] == "Chain.UnknownProfile"
    assert book.refused("chain", "remove", "embedded", code=2)["code"] == "Chain.BadProfile"


def test_a_variable_that_is_not_set_is_named(book: Program) -> None:
    shown = book.refused("chain", "add", "x", "https://rpc.example/${RPC_KEY}", code=2)
    assert shown["hint"] == "export RPC_KEY=..."


@pytest.mark.parametrize("name", ["embedded", "Upper", "a b", "../x", "-x" * 40])
def test_names_that_no_profile_can_have(book: Program, name: str) -> None:
    words = ("chain", "add", "--", name, "http://127.0.0.1:9")
    with_json = ("chain", "add", "--json", "--", *words[3:])
    ran = book(*with_json)
    assert (ran.code, json.loads(ran.out)["error"]["code"]) == (2, "Chain.BadProfile")


@contextmanager
def _server(answer: bytes) -> Iterator[str]:
    """Answer every request with the same bytes."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html>login</html>",
        b'{"jsonrpc":"2.0","id":1,"result":null}',
        b'{"jsonrpc":"2.0","id":99,"result":"0x1"}',
        b'{"jsonrpc":"2.0","id":1,"result":"' + b"0x" + b"f" * 200 + b'"}',
        b"[" * 10_000,
    ],
)
def test_what_is_no_chain_cannot_be_added(book: Program, answer: bytes) -> None:
    with _server(answer) as url:
        shown = book.refused("chain", "add", "x", url, code=3)
        assert shown["code"].startswith("Chain.")
    assert len(book.ok("chain", "list")["profiles"]) == 1
