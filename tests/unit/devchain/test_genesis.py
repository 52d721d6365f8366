"""Genesis: random ids in the embedded range, checked addresses, stable text form."""

import pytest

from diptych.ledger.devchain.errors import BadFunding, StoreCorrupt
from diptych.ledger.devchain.genesis import (
    FIRST_CHAIN_ID,
    LAST_CHAIN_ID,
    ChainSpec,
    new_spec,
    parse_spec,
)

ADDRESS = "0x" + "Ab" * 20


def clock() -> float:
    return 1_700_000_000.9


def test_chain_ids_are_random_and_in_the_embedded_range() -> None:
    ids = {new_spec([], clock=clock).chain_id for _ in range(50)}
    assert len(ids) > 45
    assert all(FIRST_CHAIN_ID <= chain_id <= LAST_CHAIN_ID for chain_id in ids)
    assert (FIRST_CHAIN_ID, LAST_CHAIN_ID) == (0x0D1D00000000, 0x0D1DFFFFFFFF)


def test_spec_text_is_reversible() -> None:
    spec = new_spec([ADDRESS, "0x" + "01" * 20], clock=clock, balance_wei=7)
    assert parse_spec(spec.to_json()) == spec
    assert spec.time_s == 1_700_000_000


def test_genesis_funds_exactly_the_given_addresses_once() -> None:
    genesis = new_spec([ADDRESS, ADDRESS.lower()], clock=clock, balance_wei=16).genesis()
    assert genesis["alloc"] == {ADDRESS.lower(): {"balance": "0x10"}}
    assert genesis["timestamp"] == hex(1_700_000_000)


@pytest.mark.parametrize("address", ["", "0x", "ab" * 20, "0x" + "ab" * 19, "0x" + "zz" * 20])
def test_malformed_addresses_are_refused(address: str) -> None:
    with pytest.raises(BadFunding):
        new_spec([address], clock=clock)


def test_too_many_addresses_are_refused() -> None:
    with pytest.raises(BadFunding):
        new_spec([f"0x{n:040x}" for n in range(1_001)], clock=clock)


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", "[" * 5000, '{"chain_id": 1}'])
def test_unreadable_specs_are_refused(text: str) -> None:
    with pytest.raises(StoreCorrupt):
        parse_spec(text)


def test_a_foreign_chain_id_is_refused() -> None:
    with pytest.raises(StoreCorrupt, match="chain id"):
        parse_spec(ChainSpec(1, 0, ()).to_json())
