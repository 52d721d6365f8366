"""Tables and erasures in bundles: which row is shown, and what the log says is gone."""

import copy
import hashlib
import hmac
from typing import Any

import pytest
from tests.unit.verify.maker import (
    ALICE,
    MALLORY,
    Json,
    TinyLog,
    b64,
    canonical,
    key_statement,
    path_to,
    policy_of,
    root_of,
    statement,
)

from diptych_verify.errors import MalformedError, NotIncluded, UntrustedKey
from diptych_verify.evidence import Answer
from diptych_verify.merkle import leaf_hash
from diptych_verify.policy import TrustPolicy
from diptych_verify.verify import verify_bundle

NAMES = ("USUBJID", "AGE", "file", "pad")
CELLS: list[tuple[str, object]] = [
    (NAMES[at % 4], f"cell-{at}" if at % 4 != 1 else at) for at in range(8)
]
SALTS = [hashlib.sha256(bytes([at])).digest() for at in range(8)]
LEAVES = [
    leaf_hash(hmac.digest(salt, canonical(list(cell)), "sha256"))
    for salt, cell in zip(SALTS, CELLS, strict=True)
]
TABLE: Json = {"leaves": 8, "width": 4}


def table_log(table: Json, *erasures: object, edge: str = "erased", by: Any = ALICE) -> TinyLog:
    """Return a log of one key, one table, and `erased` records that name it."""
    log = TinyLog()
    log.add(key_statement("add", ALICE), ALICE)
    root = root_of(LEAVES).hex()
    predicate: Json = {"private": {"root": root, "object": "00" * 32}, "table": table}
    log.add(statement("private", predicate, digest={"diptychPrivate1": root}), ALICE)
    for claim in erasures:
        edges = [{"rel": edge, "record": leaf_hash(log.entries[1]).hex()}]
        log.add(statement("erased", {"edges": edges, "erased": claim}), by)
    return log


def shown(log: TinyLog, *cells: int) -> Json:
    bundle = log.bundle(1, *(at for at in range(len(log.entries)) if at != 1))
    if cells:
        bundle["disclosed"] = [
            {
                "name": CELLS[at][0],
                "value": CELLS[at][1],
                "salt": b64(SALTS[at]),
                "index": at,
                "leaves": 8,
                "proof": b64(b"".join(path_to(at, LEAVES))),
            }
            for at in cells
        ]
    return bundle


def answer(log: TinyLog, *cells: int) -> Answer:
    found = verify_bundle(
        canonical(shown(log, *cells)),
        policy=TrustPolicy.parse(
            policy_of(logs=[str(log.key)], signers=[{"keyid": ALICE.keyid, "name": "A"}])
        ),
    )
    return found.answer("untampered")


def test_fields_of_a_table_say_how_many_rows_they_stand_in() -> None:
    log = table_log(TABLE)
    assert answer(log, 0, 1, 2).text == "3 fields of 1 row shown, all as sealed"
    assert answer(log, 0, 5).text == "2 fields of 2 rows shown, all as sealed"
    assert answer(log, 0).status == "proven"
    assert answer(log).status == "not shown"


@pytest.mark.parametrize(
    "table",
    [
        {},
        {"leaves": 8},
        {"leaves": 8, "width": 3},
        {"leaves": 6, "width": 2},
        {"leaves": 4, "width": 8},
        {"leaves": 16, "width": 4},
        {"leaves": 8, "width": 4, "more": 1},
        {"leaves": True, "width": 1},
    ],
)
def test_a_table_that_says_something_else_is_refused(table: Json) -> None:
    with pytest.raises(MalformedError):
        answer(table_log(table), 0)


def test_a_changed_cell_is_refused() -> None:
    bundle = shown(table_log(TABLE), 1)
    bundle["disclosed"][0]["value"] = 44
    with pytest.raises(NotIncluded):
        verify_bundle(canonical(bundle))


def test_erasures_are_said_with_the_fields_that_they_cover() -> None:
    log = table_log(TABLE, {"scope": "leaves", "leaves": [[0, 4]]})
    text = answer(log, 1, 5).text
    assert "1 field shown here was erased (index 2), as of log size 3, on the log's word" in text
    assert answer(log, 1, 5).evidence["erased_shown"] == [1]
    assert answer(log, 5).evidence["erased_shown"] == []
    assert "4 leaves of it were erased" in answer(log).text
    whole = table_log(TABLE, {"scope": "leaves", "leaves": [[4, 1]]}, {"scope": "all"})
    assert "its content was erased (index 2, 3)" in answer(whole).text
    assert answer(whole, 0, 4).evidence["erased_shown"] == [0, 4]
    listed = answer(whole).evidence["erased"]
    assert listed == [{"index": 2, "leaves": [[4, 1]]}, {"index": 3, "leaves": "all"}]


@pytest.mark.parametrize(
    "claim",
    [
        *({}, [], "all", {"scope": "some"}, {"scope": "all", "leaves": [[0, 1]]}),
        *({"scope": "leaves"}, {"scope": "leaves", "leaves": []}),
        *({"scope": "leaves", "leaves": [[0, 0]]}, {"scope": "leaves", "leaves": [[-1, 1]]}),
        *({"scope": "leaves", "leaves": [0]}, {"scope": "leaves", "leaves": [[0, 1, 2]]}),
        *({"scope": "leaves", "leaves": [[0, "1"]]}, {"scope": "leaves", "leaves": [[0, 2**60]]}),
        {"scope": "leaves", "leaves": [[0, 1]] * 5_000},
    ],
)
def test_malformed_erasures_are_refused(claim: object) -> None:
    with pytest.raises(MalformedError):
        answer(table_log(TABLE, claim), 0)


def test_an_erasure_of_something_else_does_not_belong_in_the_bundle() -> None:
    log = table_log(TABLE, {"scope": "all"}, edge="used")
    with pytest.raises(MalformedError, match="not related"):
        answer(log, 0)
    other = table_log(TABLE, {"scope": "all"})
    bundle = copy.deepcopy(shown(other, 0))
    bundle["records"] = [one for one in bundle["records"] if one["index"] != 2]
    assert "erased" not in verify_bundle(canonical(bundle)).answer("untampered").evidence


def test_an_erasure_by_a_stranger_is_refused() -> None:
    with pytest.raises(UntrustedKey):
        answer(table_log(TABLE, {"scope": "all"}, by=MALLORY), 0)
