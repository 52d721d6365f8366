"""The JSON-RPC client against endpoints that lie, stall, refuse and die."""

import json
import socket
from collections.abc import Callable
from typing import Any

import pytest
from tests.unit.ledger.conftest import Reply, Serve

from diptych.core.errors import LedgerError
from diptych.ledger.answers import RpcCall
from diptych.ledger.chain import Chain
from diptych.ledger.errors import (
    BadEndpoint,
    MalformedAnswer,
    Oversized,
    Pruned,
    RateLimited,
    Reverted,
    RpcRefused,
    Unreachable,
    WrongChain,
)
from diptych.ledger.rpc import Rpc, RpcOptions
from diptych.ledger.transport import HttpTransport

FAST = RpcOptions(timeout_s=2, retries=2, backoff_s=0)


def answer(result: Any, request_id: Any = 0) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": request_id, "result": result}).encode()


def refusal(code: Any, message: Any, data: Any = None) -> bytes:
    error = {"code": code, "message": message, "data": data}
    return json.dumps({"jsonrpc": "2.0", "id": 0, "error": error}).encode()


def client(serve: Serve, *replies: Reply, options: RpcOptions = FAST) -> Rpc:
    """Return a client of an endpoint that gives these replies, the last one for ever."""
    waiting = list(replies)
    return Rpc(
        serve(lambda _: waiting.pop(0) if len(waiting) > 1 else waiting[0]),
        options=options,
        sleep=lambda _: None,
    )


class TestHonestEndpoint:
    def test_result_is_returned(self, serve: Serve) -> None:
        assert client(serve, Reply(answer("0x1"))).call("eth_chainId") == "0x1"

    def test_null_is_a_result(self, serve: Serve) -> None:
        assert client(serve, Reply(answer(None))).call("eth_getBlockByHash") is None

    def test_large_answer_within_the_limit(self, serve: Serve) -> None:
        big = "0x" + "ab" * (1 << 20)
        assert client(serve, Reply(answer(big))).call("eth_call") == big

    def test_ipv6_and_path_are_accepted(self) -> None:
        assert "[::1]" in Rpc("http://[::1]:1/v2/key").shown_url


class TestLies:
    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"<html>502 Bad Gateway</html>",
            b'{"jsonrpc":"2.0","id":0,"result":"0x1"',
            b'{"id":0,"result":1,"result":2}',
            b'{"id":0,"result":NaN}',
            b'\xff\xfe{"id":0}',
            b'{"id":0,"result":' + b"[" * 100_000,
            b'{"id":0,"result":' + b"[" * 80 + b"]" * 80 + b"}",
            b"[]",
            b'"0x1"',
            answer("0x1", request_id=1),
            answer("0x1", request_id="0"),
            answer("0x1", request_id=False),
            b'{"jsonrpc":"2.0","id":0}',
            b'{"id":0,"error":"no"}',
            b'{"id":0,"error":{"message":5}}',
        ],
    )
    def test_malformed_answer(self, serve: Serve, body: bytes) -> None:
        with pytest.raises(MalformedAnswer):
            client(serve, Reply(body)).call("eth_chainId")

    def test_oversized_answer(self, serve: Serve) -> None:
        options = RpcOptions(max_response_bytes=10_000)
        with pytest.raises(Oversized):
            client(serve, Reply(b" " * 10_001), options=options).call("eth_call")

    def test_compressed_bomb_is_cut(self, serve: Serve) -> None:
        import gzip

        bomb = gzip.compress(b" " * 50_000_000)
        reply = Reply(bomb, headers={"Content-Encoding": "gzip"})
        options = RpcOptions(max_response_bytes=1 << 20)
        with pytest.raises(Oversized):
            client(serve, reply, options=options).call("eth_call")

    def test_redirect_is_not_followed(self, serve: Serve) -> None:
        seen: list[bytes] = []

        def other(body: bytes) -> Reply:
            seen.append(body)
            return Reply(answer("0x1"))

        redirect = Reply(status=307, headers={"Location": serve(other)})
        with pytest.raises(LedgerError):
            client(serve, redirect).call("eth_chainId")
        assert seen == []

    def test_wrong_chain(self, serve: Serve) -> None:
        chain = Chain(client(serve, Reply(answer("0x5"))), 1)
        with pytest.raises(WrongChain, match="got chain id 5, expected 1") as caught:
            chain.head_number()
        assert caught.value.details == {"got": "5", "expected": "1"}

    def test_terminal_escapes_of_a_server_are_removed(self, serve: Serve) -> None:
        with pytest.raises(RpcRefused) as caught:
            client(serve, Reply(refusal(-1, "\x1b[31mred\x07" + "x" * 5_000))).call("eth_call")
        assert "\x1b" not in caught.value.message
        assert len(caught.value.message) < 500


class TestDeaths:
    def test_nobody_listens(self) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            rpc = Rpc(
                f"http://127.0.0.1:{taken.getsockname()[1]}", options=FAST, sleep=lambda _: None
            )
            with pytest.raises(Unreachable, match="cannot connect"):
                rpc.call("eth_chainId")

    def test_truncated_body(self, serve: Serve) -> None:
        with pytest.raises(Unreachable):
            client(serve, Reply(answer("0x1"), cut_bytes=50)).call("eth_chainId")

    def test_dripping_body_meets_the_deadline(self, serve: Serve) -> None:
        options = RpcOptions(timeout_s=0.3, retries=0)
        with pytest.raises(Unreachable):
            client(serve, Reply(b" " * 1000, chunk_pause_s=0.05), options=options).call("eth_call")

    def test_server_error(self, serve: Serve) -> None:
        with pytest.raises(Unreachable, match="HTTP 503"):
            client(serve, Reply(b"<html>", status=503)).call("eth_chainId")

    def test_http_refusal_without_json(self, serve: Serve) -> None:
        with pytest.raises(RpcRefused, match="HTTP 403"):
            client(serve, Reply(b"forbidden", status=403)).call("eth_chainId")


class TestRetries:
    @pytest.mark.parametrize(
        "first", [Reply(status=429), Reply(status=502), Reply(answer(1), cut_bytes=9)]
    )
    def test_harmless_failure_is_repeated(self, serve: Serve, first: Reply) -> None:
        assert client(serve, first, Reply(answer("0x1"))).call("eth_chainId") == "0x1"

    def test_rate_limit_in_the_body_is_repeated(self, serve: Serve) -> None:
        limited = Reply(refusal(-32005, "daily request count exceeded, request rate limited"))
        assert client(serve, limited, Reply(answer("0x1"))).call("eth_call") == "0x1"

    def test_rate_limit_that_stays(self, serve: Serve) -> None:
        with pytest.raises(RateLimited):
            client(serve, Reply(status=429)).call("eth_chainId")

    def test_wish_of_the_server_is_heeded_within_reason(self, serve: Serve) -> None:
        pauses: list[float] = []
        replies = [Reply(status=429, headers={"Retry-After": "3600"}), Reply(answer("0x1"))]
        rpc = Rpc(serve(lambda _: replies.pop(0)), options=RpcOptions(), sleep=pauses.append)
        rpc.call("eth_chainId")
        assert pauses == [RpcOptions().max_backoff_s]

    def test_pauses_grow(self, serve: Serve) -> None:
        pauses: list[float] = []
        options = RpcOptions(retries=5, backoff_s=1, max_backoff_s=4)
        rpc = Rpc(
            serve(lambda _: Reply(status=500)),
            options=options,
            sleep=pauses.append,
            uniform=lambda _, high: high,
        )
        with pytest.raises(Unreachable):
            rpc.call("eth_chainId")
        assert pauses == [1, 2, 4, 4, 4]

    @pytest.mark.parametrize("method", ["evm_mine", "eth_sendTransaction", "anvil_reorg"])
    def test_what_must_not_happen_twice_is_not_repeated(self, serve: Serve, method: str) -> None:
        seen: list[bytes] = []

        def script(body: bytes) -> Reply:
            seen.append(body)
            return Reply(status=500)

        with pytest.raises(Unreachable):
            Rpc(serve(script), options=FAST, sleep=lambda _: None).call(method)
        assert len(seen) == 1


class TestErrorsByName:
    @pytest.mark.parametrize(
        ("code", "message", "expected"),
        [
            (3, "execution reverted: no", Reverted),
            (-32000, "VM Exception while processing transaction: reverted with", Reverted),
            (-32000, "missing trie node 0abc (path ) state 0x1 is not available", Pruned),
            (4444, "pruned history unavailable", Pruned),
            (-32005, "query returned more than 10000 results", RpcRefused),
            (429, "slow down", RateLimited),
            (-32601, "the method foo does not exist/is not available", RpcRefused),
        ],
    )
    def test_is_sorted(
        self, serve: Serve, code: int, message: str, expected: type[LedgerError]
    ) -> None:
        with pytest.raises(expected):
            client(serve, Reply(refusal(code, message))).call("eth_call")

    @pytest.mark.parametrize("data", ["0x01", {"data": "0x01"}, "Reverted 0x01"])
    def test_revert_data_is_kept(self, serve: Serve, data: Any) -> None:
        with pytest.raises(Reverted) as caught:
            client(serve, Reply(refusal(3, "execution reverted", data))).call("eth_call")
        assert caught.value.data == b"\x01"

    def test_unsupported_method_is_told_from_other_refusals(self) -> None:
        assert RpcRefused("a", -32601, "whatever").unsupported
        assert RpcRefused("a", -32000, "the method a is not available").unsupported
        assert not RpcRefused("a", -32000, "header not found").unsupported


Sizes = Callable[[int], Reply | None]


def batching(serve: Serve, *, refuse: Sizes = lambda _: None) -> tuple[Rpc, list[int]]:
    """Return a client of an endpoint that answers batches backwards, and the sizes it saw."""
    sizes: list[int] = []

    def script(body: bytes) -> Reply:
        request = json.loads(body)
        size = len(request) if isinstance(request, list) else 1
        sizes.append(size)
        reply = refuse(size)
        if reply is not None:
            return reply
        if isinstance(request, dict):
            return Reply(answer(request["params"][0], request["id"]))
        items = [json.loads(answer(r["params"][0], r["id"])) for r in reversed(request)]
        return Reply(json.dumps(items).encode())

    return Rpc(serve(script), options=FAST, sleep=lambda _: None), sizes


CALLS = [RpcCall("echo", [number]) for number in range(40)]


class TestBatches:
    def test_answers_in_any_order_are_matched(self, serve: Serve) -> None:
        rpc, sizes = batching(serve)
        assert rpc.batch(CALLS) == list(range(40))
        assert sizes == [40]

    def test_empty_batch_asks_nothing(self, serve: Serve) -> None:
        rpc, sizes = batching(serve)
        assert (rpc.batch([]), sizes) == ([], [])

    @pytest.mark.parametrize("no", [Reply(status=413), Reply(refusal(-32600, "batch too large"))])
    def test_refused_batch_is_split_and_remembered(self, serve: Serve, no: Reply) -> None:
        rpc, sizes = batching(serve, refuse=lambda size: no if size > 10 else None)
        assert rpc.batch(CALLS) == list(range(40))
        first = len(sizes)
        assert rpc.batch(CALLS) == list(range(40))
        assert max(sizes[first:]) <= 10

    def test_oversized_batch_is_split_down_to_the_guilty_calls(self, serve: Serve) -> None:
        options = RpcOptions(max_response_bytes=100, retries=0)
        rpc = Rpc(serve(lambda _: Reply(b" " * 101)), options=options)
        assert all(isinstance(result, Oversized) for result in rpc.batch(CALLS[:3]))

    def test_answers_of_too_many_values_are_oversized(self, serve: Serve) -> None:
        rpc, sizes = batching(
            serve, refuse=lambda size: Reply(b"[" + b"1," * 1_000_001) if size > 10 else None
        )
        assert rpc.batch(CALLS) == list(range(40))
        assert max(sizes[1:]) <= 20
        with pytest.raises(Oversized):
            client(serve, Reply(b"[" + b"1," * 1_000_001)).call("eth_getLogs")

    def test_server_without_batches(self, serve: Serve) -> None:
        no = Reply(refusal(-32600, "batches are not supported"))
        rpc, _ = batching(serve, refuse=lambda size: no if size > 1 else None)
        assert rpc.batch(CALLS[:5]) == list(range(5))

    def test_one_failing_call_leaves_the_others(self, serve: Serve) -> None:
        items = [json.loads(answer("a", 0)), {**json.loads(refusal(-5, "no")), "id": 1}]
        results = client(serve, Reply(json.dumps(items).encode())).batch(CALLS[:2])
        assert results[0] == "a"
        assert isinstance(results[1], RpcRefused)

    def test_missing_answer_is_that_calls_error(self, serve: Serve) -> None:
        results = client(serve, Reply(b"[" + answer("a", 0) + b"]")).batch(CALLS[:2])
        assert results[0] == "a"
        assert isinstance(results[1], MalformedAnswer)

    @pytest.mark.parametrize("ids", [(0, 0), (0, 7), (0, None), (0, -1), (0, True)])
    def test_doubled_or_unknown_id(self, serve: Serve, ids: tuple[Any, Any]) -> None:
        body = b"[" + b",".join(answer("a", request_id) for request_id in ids) + b"]"
        with pytest.raises(MalformedAnswer):
            client(serve, Reply(body)).batch(CALLS[:2])


class TestSecrets:
    URL = "http://user:hunter2@127.0.0.1:1/v3/0123456789abcdef?key=s3cret"

    def test_no_message_or_repr_shows_them(self) -> None:
        rpc = Rpc(self.URL, options=FAST, sleep=lambda _: None)
        with pytest.raises(Unreachable) as caught:
            rpc.call("eth_chainId")
        shown = " ".join(
            (str(caught.value), json.dumps(caught.value.to_json()), repr(rpc), repr(Chain(rpc)))
        )
        for secret in ("hunter2", "0123456789abcdef", "s3cret"):
            assert secret not in shown
        assert caught.value.__cause__ is None

    def test_echo_by_the_server_is_masked(self) -> None:
        transport = HttpTransport(self.URL)
        assert "hunter2" not in transport.clean(f"invalid project in {self.URL} hunter2")

    @pytest.mark.parametrize(
        "url", ["", "ftp://host", "http://", "http://ho st", "http://host:0", "http://host:99999"]
    )
    def test_unusable_url(self, url: str) -> None:
        with pytest.raises(BadEndpoint):
            Rpc(url)
