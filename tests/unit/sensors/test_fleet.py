"""Fleets: who may sign, from the change lists alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.sensors.maker import device, fleet_of, keyid

from diptych.core.errors import MalformedError
from diptych.data.sensors.errors import BadFleet
from diptych.data.sensors.fleet import (
    Change,
    Fleet,
    change_list,
    parse_change_list,
    read_enrolment,
    require_name,
)

NAMES = st.text(min_size=1, max_size=20)
CHANGES = st.one_of(
    st.builds(Change, st.sampled_from(["enrol", "revoke"]), NAMES, st.just(keyid(1))),
    st.builds(
        Change,
        st.just("rotate"),
        NAMES,
        st.just(keyid(1)),
        st.just(keyid(2)),
        st.integers(0, 2**53),
    ),
)


@given(st.lists(CHANGES, min_size=1, max_size=20))
def test_a_change_list_survives_being_written(changes: list[Change]) -> None:
    raw, root = change_list("cold", changes)
    assert parse_change_list(raw, fleet="cold", root=root) == changes


def test_a_change_list_is_held_against_its_record() -> None:
    raw, root = change_list("cold", [Change("enrol", "tag-1", keyid(1))])
    for other in (raw.replace(b"tag-1", b"tag-2"), raw[:-1], raw + b"\n", b"", b"\xff\n\n"):
        with pytest.raises(MalformedError):
            parse_change_list(other, fleet="cold", root=root)
    with pytest.raises(MalformedError):
        parse_change_list(raw, fleet="warm", root=root)


def test_ten_thousand_devices_join_in_one_list() -> None:
    changes = [Change("enrol", f"tag-{i}", f"ed25519:{i:064x}") for i in range(10_000)]
    raw, root = change_list("cold", changes)
    fleet = Fleet("cold")
    fleet.apply(parse_change_list(raw, fleet="cold", root=root))
    assert len(fleet.active) == 10_000


def test_a_replaced_key_counts_up_to_its_last_counter_and_a_revoked_one_never() -> None:
    fleet = fleet_of(1, 2)
    fleet.apply([Change("rotate", "tag-1", keyid(3), keyid(1), 100)])
    old, new = (fleet.keys[device(n).public_key().public_bytes_raw()] for n in (1, 3))
    assert old.refusal(100) == ""
    assert "up to counter 100" in old.refusal(101)
    assert new.refusal(101) == ""
    fleet.apply([Change("revoke", "tag-1", keyid(3))])
    assert "revoked" in new.refusal(1)
    assert [key.device for key in fleet.active] == ["tag-2"]


@pytest.mark.parametrize(
    "change",
    [
        Change("enrol", "tag-1", keyid(9)),
        Change("enrol", "tag-9", keyid(1)),
        Change("enrol", "tag-9", "secp256k1:02" + "11" * 32),
        Change("enrol", "tag-9", "nonsense"),
        Change("rotate", "tag-1", keyid(1), keyid(1)),
        Change("rotate", "tag-1", keyid(2), keyid(1)),
        Change("rotate", "tag-1", keyid(9), keyid(2)),
        Change("revoke", "tag-9", keyid(9)),
        Change("revoke", "tag-1", keyid(2)),
    ],
)
def test_what_contradicts_the_fleet_is_refused(change: Change) -> None:
    with pytest.raises(BadFleet):
        fleet_of(1, 2).apply([change])


def test_a_revoked_key_never_comes_back() -> None:
    fleet = fleet_of(1)
    fleet.apply([Change("revoke", "tag-1", keyid(1))])
    with pytest.raises(BadFleet, match="joins once"):
        fleet.apply([Change("enrol", "tag-1", keyid(1))])
    fleet.apply([Change("enrol", "tag-1", keyid(2))])


def test_enrolment_files() -> None:
    assert read_enrolment(f"device,keyid\ntag-1,{keyid(1)}\n\na,b, {keyid(2)}\n") == [
        ("tag-1", keyid(1)),
        ("a,b", keyid(2)),
    ]
    for wrong in ("tag-1", f",{keyid(1)}", "tag-1,ed25519:00"):
        with pytest.raises(BadFleet):
            read_enrolment(wrong)


@pytest.mark.parametrize("name", ["", " a", "a\n", "x" * 129, "\x1b[2J"])
def test_names_are_printable_and_short(name: str) -> None:
    with pytest.raises(BadFleet):
        require_name(name)
