"""The index server answers who may ask, within limits, and tells nothing of the machine."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import replace

import pyarrow as pa
import pytest
from tests.unit.index.chains import transfer
from tests.unit.index.served import OPTIONS, TOKEN, Server, server

from diptych.app.http.index.limits import ServedTooWidely, ServerOptions
from diptych.index.store.duck import DuckStore

_BEARER = {"authorization": f"Bearer {TOKEN}"}
_ARROW = {"accept": "application/vnd.apache.arrow.stream"}


@pytest.fixture(scope="module")
def one() -> Iterator[Server]:
    with server() as made:
        yield made


def test_graphql_is_answered_by_post_and_get(one: Server) -> None:
    query = (
        "query Some($n: Int) { payments(first: $n) { id } } query Other { _meta { deployment } }"
    )
    body = {"query": query, "variables": {"n": 2}, "operationName": "Some", "extensions": {}}
    posted = one.ask("graphql", body)
    assert posted.json() == {"data": {"payments": [{"id": "0-0"}, {"id": "1-0"}]}}
    assert posted.headers["content-type"] == "application/json"
    got = one.ask("graphql?query={payments(first:1){id}}")
    assert got.json() == {"data": {"payments": [{"id": "0-0"}]}}


def test_a_wrong_query_is_an_answer_with_errors(one: Server) -> None:
    plain = one.ask("graphql", {"query": "{ nothing }"})
    assert plain.status == 200
    assert "Cannot query field" in plain.json()["errors"][0]["message"]
    strict = {"accept": "application/graphql-response+json"}
    assert one.ask("graphql", {"query": "{ nothing }"}, headers=strict).status == 400
    assert one.ask("graphql", {"query": "{ payments { id } }"}, headers=strict).status == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b'{"query": 3}', 400),
        (b'[{"query": "{ payments { id } }"}]', 400),
        (b'{"query": "' + b"a" * 10_000 + b'"}', 413),
        (b"[" * 5_000, 400),
        (b'{"query": "\xff"}', 400),
    ],
)
def test_bodies_are_bounded_and_checked(one: Server, body: bytes, status: int) -> None:
    answer = one.ask("graphql", body)
    assert answer.status == status
    assert answer.json()["errors"][0]["extensions"]["code"].startswith("Index.")


def test_other_content_types_are_refused_as_pages_of_others_send_them(one: Server) -> None:
    body = b'{"query": "{ payments { id } }"}'
    assert one.ask("graphql", body, headers={"content-type": "text/plain"}).status == 400


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "localhost:80"}, 200),
        ({"host": "[::1]:80"}, 200),
        ({"host": "evil.example"}, 403),
        ({"host": ""}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
    ],
)
def test_other_hosts_and_origins_are_refused(
    one: Server, headers: dict[str, str], status: int
) -> None:
    answer = one.ask("graphql?query={payments{id}}", headers=headers)
    assert answer.status == status
    assert "access-control-allow-origin" not in answer.headers


def test_known_origins_may_ask() -> None:
    origin = {"origin": "https://app.example"}
    with server(replace(OPTIONS, origins=("https://app.example",))) as made:
        answer = made.ask("graphql", {"query": "{ payments { id } }"}, headers=origin)
        assert answer.headers["access-control-allow-origin"] == "https://app.example"
        other = {"origin": "https://evil.example"}
        assert made.ask("graphql", {"query": "{ payments { id } }"}, headers=other).status == 403


def test_sql_needs_the_token_unless_it_is_switched_on(one: Server) -> None:
    body = {"query": "select id, value from payment where id = ?", "parameters": ["1-0"]}
    assert one.ask("sql", body).status == 403
    assert one.ask("sql", body, headers={"authorization": "Bearer no"}).status == 403
    answer = one.ask("sql", body, headers=_BEARER)
    assert answer.json()["rows"] == [{"id": "1-0", "value": "10"}]
    table = pa.ipc.open_stream(one.ask("sql", body, headers=_BEARER | _ARROW).data).read_all()
    assert table.to_pylist() == [{"id": "1-0", "value": "10"}]
    with server(replace(OPTIONS, sql=True)) as made:
        assert made.ask("sql", body).json()["columns"][0] == {"name": "id", "type": "string"}
        assert made.ask("sql", {"query": "delete from payment"}).status == 400
        assert made.ask("sql", {"query": "select 1", "limit": 0}).status == 400


def test_sql_for_everybody_stays_on_this_machine() -> None:
    with pytest.raises(ServedTooWidely):
        ServerOptions(host="0.0.0.0", sql=True)
    ServerOptions(host="::1", sql=True)


def test_health_says_how_far_it_is(one: Server) -> None:
    answer = one.ask("health")
    assert answer.status == 200
    assert answer.json()["block"] == one.chain.head().number
    assert answer.json()["lag"] == 0
    one.indexer.counters.head += 100
    try:
        behind = one.ask("health")
        assert (behind.status, behind.json()["status"]) == (503, "behind")
    finally:
        one.indexer.counters.head -= 100


def test_metrics_count_what_happened(one: Server) -> None:
    one.graphql("{ payments { id } }")
    one.graphql("{ nothing }")
    lines = one.ask("metrics").data.decode().splitlines()
    figures = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    assert figures["diptych_index_block"] == str(one.chain.head().number)
    assert figures["diptych_index_lag_blocks"] == "0"
    assert int(figures['diptych_index_query_errors_total{kind="graphql"}']) >= 1
    assert int(figures['diptych_index_http_requests_total{path="/graphql",status="200"}']) >= 2
    count = figures['diptych_index_query_seconds_count{kind="graphql"}']
    assert count == figures['diptych_index_query_seconds_bucket{kind="graphql",le="+Inf"}']
    assert int(count) >= 2


def test_the_page_loads_nothing_from_elsewhere(one: Server) -> None:
    page = one.ask("")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    texts = [one.ask(name).data.decode() for name in ("", "page.js", "page.css")]
    assert all("//" not in text.replace("// ", "") for text in texts)
    assert 'src="page.js"' in texts[0]
    assert one.ask("other.js").status == 404


def test_the_server_proves_that_it_wrote_the_token(one: Server) -> None:
    proof = hmac.new(TOKEN.encode(), b"some nonce", hashlib.sha256).hexdigest()
    assert one.ask("owner?nonce=some%20nonce").json() == {"index": "payments", "proof": proof}


def test_faults_of_the_machine_are_not_told() -> None:
    with server() as made:
        assert isinstance(made.indexer.store, DuckStore)
        made.indexer.store.close()
        answer = made.ask("graphql", {"query": "{ payments { id } }"})
        assert answer.status == 503
        assert answer.json()["errors"][0]["message"] == "the index cannot answer now"
        assert b"duck" not in answer.data.lower()
        assert b"select" not in answer.data.lower()


def test_rows_follow_a_reorganisation() -> None:
    with server() as made:
        made.chain.fork(2, [[transfer(7, 8, 99)], [], []])
        made.advance()
        answer = made.graphql("{ payments { id value } _meta { block { number } } }")
        assert answer["data"]["_meta"] == {"block": {"number": 3}}
        assert [one["value"] for one in answer["data"]["payments"]] == ["10", "99"]
        hash_ = "0x" + made.chain.blocks[0].ref.hash.hex()
        text = f'{{ payments(block: {{hash: "{hash_}"}}) {{ value }} }}'
        assert json.dumps(made.graphql(text)) == '{"data": {"payments": [{"value": "10"}]}}'
