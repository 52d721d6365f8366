"""The table is complete, its names are those of the data dictionary, and types decide."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.datadict import dictionary_has_tag, keyword_for_tag

from diptych.data.imaging.dates import shift_value
from diptych.data.imaging.keyed import Keyed
from diptych.data.imaging.safe_private import is_safe, load_safe
from diptych.data.imaging.table import OPTIONS, load_table, load_types, resolve
from diptych.data.imaging.words import clean_words

ACTIONS = {"X", "Z", "D", "U", "X/Z", "X/D", "Z/D", "X/Z/D", "X/Z/U*"}


def test_all_rows_of_the_edition_are_there() -> None:
    rows = load_table().rows
    assert len(rows) == 657
    assert sum("x" in tag for tag in rows) == 3
    assert {rule.basic for rule in rows.values()} == ACTIONS
    counted = {name: sum(name in rule.options for rule in rows.values()) for name in OPTIONS}
    assert counted == {
        "uids": 60,
        "device": 59,
        "institution": 10,
        "patient": 19,
        "dates": 169,
        "modified-dates": 169,
        "descriptors": 141,
        "content": 4,
        "graphics": 4,
        "private": 1,
    }


def test_keywords_are_those_of_the_dictionary() -> None:
    newer = 0
    for tag, rule in load_table().rows.items():
        if tag == "private" or "x" in tag:
            continue
        if dictionary_has_tag(int(tag, 16)):
            assert rule.keyword == keyword_for_tag(int(tag, 16))
        else:
            newer += 1
    assert newer == 26  # attributes that pydicom 3.0's dictionary does not have yet


def test_repeating_groups_and_private_tags_are_found() -> None:
    table = load_table()
    for tag in (0x50003000, 0x50FE0000, 0x60023000, 0x601E4000, 0x00091001):
        found = table.find(tag)
        assert found is not None
        assert found.basic == "X"
    assert table.find(0x7FE00010) is None
    assert table.find(0x00080060) is None


def test_types_choose_among_combined_actions() -> None:
    ct, pet = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.128"
    assert resolve("X/D", 0x00080021, ct) == "X"  # SeriesDate is type 3 of a CT image,
    assert resolve("X/D", 0x00080021, pet) == "D"  # type 1 of a PET image
    assert resolve("Z/D", 0x00080023, ct) == "Z"
    assert resolve("X/Z/D", 0x00181000, "") == "D"  # unknown: what suits every type
    assert resolve("X/Z/U*", 0x00081140, ct) == "U*"


CLASSES = """
    CR 1, DX 1.1, MG 1.2, CT 2, CT-enhanced 2.1, MR 4, MR-enhanced 4.1, US 6.1, US-multi 3.1, NM 20,
    PT 128, XA 12.1, RF 12.2, SC 7, RTSTRUCT 481.3, RTPLAN 481.5, RTDOSE 481.2, SEG 66.4, SR 88.33,
    KO 88.59, PR 11.1, PDF 104.1, ECG 9.1.1, WSI 77.1.6, VL 77.1.4, OPT 77.1.5.4
    """


def test_types_are_known_for_what_archives_hold() -> None:
    classes = dict(one.split() for one in CLASSES.split(","))
    for suffix in classes.values():
        known = load_types()[f"1.2.840.10008.5.1.4.1.1.{suffix}"]
        assert known[0x00100020] == "2"  # PatientID, in every object of a patient
        assert set(known.values()) <= {"1", "2"}


def test_private_attributes_are_safe_by_creator_place_and_kind() -> None:
    b_value = ("SIEMENS MR HEADER", 0x0019, 0x0C)
    assert len(load_safe()) == 123
    assert is_safe(b_value, "IS", frozenset())
    assert not is_safe(b_value, "LO", frozenset())  # a text where a number belongs
    assert not is_safe(("SIEMENS MR HEADER", 0x0019, 0x0A), "US", frozenset())  # not in the table
    assert not is_safe(("Siemens: Thorax", 0x0019, 0x0C), "IS", frozenset())
    assert is_safe(("ACME", 0x0019, 0x01), "LO", frozenset({("ACME", 0x0019, 0x01)}))


UIDS = st.from_regex(r"[0-2](\.(0|[1-9][0-9]{0,8})){1,8}", fullmatch=True)


@given(UIDS, UIDS, st.binary(min_size=16, max_size=40))
def test_new_uids_are_valid_linked_and_keyed(one: str, other: str, secret: bytes) -> None:
    keyed = Keyed(secret)
    new = keyed.uid(one)
    root, number = new.rsplit(".", 1)
    assert (root, len(new) <= 64, number[0] != "0") == ("2.25", True, True)
    assert int(number) >> 76 & 0xF == 8  # version 8 UUID of RFC 9562
    assert keyed.uid(one) == new
    assert (keyed.uid(other) == new) == (one == other)
    assert Keyed(secret + b"x").uid(one) != new


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        Keyed(b"short")


@given(st.dates(min_value=date(1900, 1, 1)), st.integers(30, 3_679))
def test_dates_move_back_by_whole_days(day: date, days: int) -> None:
    moved = shift_value("DA", f"{day:%Y%m%d}", days)
    assert moved is not None
    back = datetime.strptime(moved, "%Y%m%d").date()
    assert (day - back).days == days
    assert shift_value("DT", f"{day:%Y%m%d}1200+0100", days) == f"{moved}1200+0100"


@pytest.mark.parametrize("text", ["", "2024", "20241301", "00010101", "yesterday"])
def test_what_is_no_whole_day_is_not_moved(text: str) -> None:
    assert shift_value("DA", text, 400) is None


@given(st.text(max_size=60))
def test_cleaned_words_stay_clean(text: str) -> None:
    once = clean_words(text, frozenset())
    assert clean_words(once, frozenset()) == once
    assert "fernandez" not in once.casefold()
