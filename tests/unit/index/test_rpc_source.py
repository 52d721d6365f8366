"""The source of endpoints: whatever limits, faults and changes of branch they have."""

from typing import Any

import pytest
from tests.unit.index.made_chain import TOKEN, TRANSFER, answers, make_chain
from tests.unit.index.made_node import Refusal, made_node, served, source_of

from diptych.core.errors import LedgerError
from diptych.index.blocks import LogSelector, Span, Wanted
from diptych.index.source.checks import check_source
from diptych.index.source.rpc.endpoint import Endpoint
from diptych.index.source.rpc.filters import filter_json, merged
from diptych.index.source.rpc.opening import open_endpoints
from diptych.index.source.rpc.pace import Pace
from diptych.index.source.rpc.source import RpcSource, RpcSourceOptions
from diptych.index.source.source import BranchChanged, NotOffered
from diptych.ledger.errors import (
    MalformedAnswer,
    RateLimited,
    RpcRefused,
    Unreachable,
    WrongChain,
)
from diptych.ledger.rpc import RpcOptions
from diptych.ledger.transport import HttpAnswer

SPAN = Span(0, 11)
ALL = Wanted(logs=(LogSelector(),))
FEW = Wanted(logs=(LogSelector(addresses=frozenset(bytes([one]) * 20 for one in range(200))),))


@pytest.mark.parametrize(
    "knobs",
    [
        {},
        {"times": False},
        {"most_blocks": 2},
        {"most_logs": 12},
        {"most_calls": 2},
    ],
    ids=["generous", "no times", "short ranges", "few results", "small batches"],
)
def test_every_endpoint_passes_the_suite_of_sources(knobs: dict[str, Any]) -> None:
    """The same rows, whatever an endpoint refuses."""
    results = check_source(source_of(made_node(**knobs)), SPAN)
    assert [one for one in results if not one.is_passed] == []
    limited = source_of(made_node(**knobs)).fetch(SPAN, ALL)
    assert limited.logs.equals(source_of(made_node()).fetch(SPAN, ALL).logs)


def test_receipts_are_asked_for_one_by_one_where_blocks_of_them_are_not_offered() -> None:
    """The rows are the same; the endpoint is asked for whole blocks of them once."""
    node, span = made_node(lacks=frozenset({"eth_getBlockReceipts"})), Span(10, 11)
    source = source_of(node)
    assert all(one.is_passed for one in check_source(source, span))
    wanted = Wanted(receipts=True, verified=True)
    assert (
        source.fetch(span, wanted).receipts == source_of(made_node()).fetch(span, wanted).receipts
    )


def test_many_addresses_are_asked_for_in_parts() -> None:
    """Where an endpoint takes few, the rows are the same."""
    true = source_of(made_node()).fetch(SPAN, FEW)
    node = made_node(most_addresses=30)
    assert source_of(node).fetch(SPAN, FEW).logs.equals(true.logs)
    assert true.logs.num_rows


def test_an_endpoint_that_refuses_all_is_named() -> None:
    """What no smaller question helps is an error, not an empty table."""
    with pytest.raises(RpcRefused, match="eth_getLogs was refused"):
        source_of(made_node(most_blocks=0)).fetch(SPAN, ALL)
    with pytest.raises(NotOffered, match=r"trace_block.*debug_traceBlockByHash"):
        source_of(made_node()).fetch(SPAN, Wanted(traces=True))
    with pytest.raises(NotOffered, match="no block 12"):
        source_of(made_node()).fetch(Span(5, 12), ALL)


FAULTS = {
    "429": HttpAnswer(429, b"slow down", 0.1),
    "503": HttpAnswer(503, b"<html>"),
    "half an answer": HttpAnswer(200, b'{"jsonrpc":"2.0","id":0,"result":[{"blockN'),
    "no JSON": HttpAnswer(200, b"<html>down</html>"),
    "another id": HttpAnswer(200, b'{"jsonrpc":"2.0","id":7,"result":null}'),
    "no result": HttpAnswer(200, b'{"jsonrpc":"2.0","id":0}'),
    "not UTF-8": HttpAnswer(200, b'{"jsonrpc":"2.0","id":0,"result":"\xff"}'),
    "deep": HttpAnswer(200, b'{"a":' + b"[" * 200_000),
    "away": Unreachable("no answer"),
    "limit": HttpAnswer(200, b'{"id":0,"error":{"code":-32005,"message":"rate limit"}}'),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_that_pass_are_waited_for(fault: str) -> None:
    """Three of them in a row cost time, not rows; with no patience they are errors."""
    node = made_node(faults=[FAULTS[fault]] * 3)
    chunk = source_of(node, retries=3).fetch(SPAN, ALL)
    assert chunk.logs.equals(source_of(made_node()).fetch(SPAN, ALL).logs)
    with pytest.raises((MalformedAnswer, Unreachable, RateLimited)):
        source_of(made_node(faults=[FAULTS[fault]])).fetch(SPAN, ALL)


def test_a_question_that_takes_too_long_is_halved_at_once() -> None:
    """Asking the same again would take as long."""
    node = made_node()
    source = source_of(node, retries=9)
    source.head()
    real, late = node.post, [Unreachable("no answer in time (ReadTimeoutError)")]

    def post(body: bytes) -> HttpAnswer:
        if b"eth_getLogs" in body and late:
            raise late.pop()
        return real(body)

    node.post = post  # type: ignore[method-assign]
    assert source.fetch(SPAN, ALL).logs.num_rows
    assert node.asked.count("eth_getLogs") == 2


def test_a_branch_that_changes_while_it_is_read_is_told() -> None:
    """Near the head all rows of a chunk are of one branch, or there is no chunk."""
    node = made_node()
    other, receipts = answers(make_chain(4, first=8, parent=b"\x77" * 32))

    def reorganised(method: str, _params: Any, result: Any) -> Any:
        if method == "eth_getLogs":
            node.blocks[8:], node.receipts[8:] = other, receipts
        return result

    node.lie = reorganised
    with pytest.raises(BranchChanged):
        source_of(node).fetch(Span(6, 11), Wanted(logs=(LogSelector(),), links=True))


def test_a_head_that_goes_back_is_no_missing_block() -> None:
    """Below the highest head seen, a block that is gone is a change of branch."""
    node = made_node()
    source = source_of(node)
    assert source.head().number == 11
    node.head = 8
    with pytest.raises(BranchChanged, match="block 11 any more"):
        source.fetch(Span(5, 11), ALL)
    assert source.head().number == 8
    assert source.header(11) is None


@pytest.mark.parametrize("method", ["eth_getBlockByNumber", "eth_getLogs"])
def test_a_node_that_lags_behind_its_url_is_given_time(method: str) -> None:
    """Behind one URL the head may come from one node and the rest from another, a little later."""
    node, late = made_node(), [3]

    def lagging(asked: str, params: Any, result: Any) -> Any:
        if asked == method and late[0] and "latest" not in params:
            late[0] -= 1
            if asked == "eth_getLogs":
                raise Refusal(-32000, "unknown block")
            return None
        return result

    source = source_of(node)
    source.head()
    node.lie = lagging
    near = Wanted(logs=(LogSelector(),), links=True)
    assert source.fetch(Span(11, 11), near).last.number == 11
    assert late == [0]
    late[0] = 99
    with pytest.raises((BranchChanged, RpcRefused)):
        source.fetch(Span(11, 11), near)


def test_another_chain_is_refused() -> None:
    """A profile that names its chain gets no other."""
    right, wrong = RpcSourceOptions(chain_id=1), RpcSourceOptions(chain_id=5)
    assert source_of(made_node(), options=right).identity().chain_id == 1
    with pytest.raises(WrongChain, match="got chain id 1, expected 5"):
        source_of(made_node(), options=wrong).identity()


def test_verified_logs_need_only_blocks_whose_bloom_may_hold_them() -> None:
    """Bodies and receipts of other blocks are not even asked for."""
    node = made_node()
    nobody = LogSelector(addresses=frozenset({b"\x5a" * 20}))
    source_of(node).fetch(SPAN, Wanted(logs=(nobody,), verified=True))
    assert "eth_getBlockReceipts" not in node.asked
    token = LogSelector(frozenset({TOKEN}), frozenset({TRANSFER}))
    chunk = source_of(node).fetch(SPAN, Wanted(logs=(token,), verified=True))
    assert chunk.logs.num_rows
    assert 0 < node.asked.count("eth_getBlockReceipts") < 12


def test_over_http_secrets_stay_masked() -> None:
    """An error names the endpoint without its key."""
    node = made_node()
    with served(node) as url:
        source = open_endpoints([f"{url}/v3/secret?key=hidden"])
        assert source.fetch(SPAN, ALL).logs.num_rows
        assert source.identity().name == f"{url}/v3/***?***"
        node.faults = [HttpAnswer(401, b"secret hidden")]
        with pytest.raises(RpcRefused) as refused:
            source.head()
    assert "secret" not in str(refused.value)
    options = RpcOptions(retries=0, timeout_s=1)
    gone = RpcSource(Endpoint(f"{url}/v3/secret?key=hidden", options=options))
    with pytest.raises(LedgerError) as away:
        gone.head()
    assert "secret" not in str(away.value)
    assert "hidden" not in repr(gone.endpoint)


def test_waiting_ends_at_a_new_head() -> None:
    """And at the latest after the time that it was given."""
    node, now = made_node(), [0.0]

    def sleep(pause_s: float) -> None:
        now[0] += pause_s
        node.head = 11 if now[0] > 1 else 10

    endpoint = Endpoint("", transport=node, sleep=sleep)
    source = RpcSource(endpoint, sleep=sleep, monotonic=lambda: now[0])
    node.head = 10
    source.head()
    source.wait(30.0)
    assert 1 < now[0] < 2
    source.wait(30.0)
    assert now[0] == pytest.approx(31.25)


def test_selectors_are_merged_without_changing_what_they_select() -> None:
    """Few questions; one that selects everything swallows the others."""
    one, two = LogSelector(frozenset({b"1"})), LogSelector(frozenset({b"2"}))
    topic = LogSelector(topics=frozenset({TRANSFER}))
    both = LogSelector(frozenset({b"3"}), frozenset({TRANSFER}))
    assert merged([one, two]) == [LogSelector(frozenset({b"1", b"2"}))]
    assert merged([one, LogSelector(), topic]) == [LogSelector()]
    assert merged([topic, both]) == [topic]
    assert merged([one, topic]) == [one, topic]
    assert merged([]) == []
    assert filter_json(both) == {"address": "0x33", "topics": [["0x" + TRANSFER.hex()]]}


def test_overlapping_selectors_give_each_log_once() -> None:
    """A log that two of them select is one log."""
    wanted = (LogSelector(frozenset({TOKEN})), LogSelector(topics=frozenset({TRANSFER})))
    logs = source_of(made_node()).fetch(SPAN, Wanted(logs=wanted)).logs
    alone = source_of(made_node()).fetch(SPAN, Wanted(logs=wanted[:1])).logs
    assert logs.equals(alone)


def test_the_pace_finds_a_limit_and_keeps_to_it() -> None:
    """An endpoint with a fixed limit refuses now and then, not at every second question."""
    pace, refusals = Pace(2_000, 100_000), 0
    for _ in range(200):
        if pace.size > 700:
            refusals += 1
            assert pace.refused(pace.size)
        else:
            pace.served(pace.size)
    assert refusals < 20
    assert pace.size > 350
    rows = Pace(1_000, 100_000, rows=100)
    rows.served(1_000, 1_000)
    assert rows.size == 100
    assert not Pace(1, 10).refused(1)
