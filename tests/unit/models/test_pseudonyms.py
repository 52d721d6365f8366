"""Codes of people are personal data; codes of things, levels and measurements are not."""

import pytest

from diptych.models.zoo.columns.detector import judge_column
from diptych.models.zoo.columns.pseudonyms import is_pseudonym
from diptych.models.zoo.columns.rules import CLASSES, OTHER

CODES = [f"S{number:04d}" for number in range(1, 21)]
SURELY_OTHER = [float(kind == OTHER) for kind in CLASSES]


@pytest.mark.parametrize(
    "header",
    [
        *("subject", "Subject", "subject_id", "SubjectID", "USUBJID", "SUBJID", "patient_id"),
        *("patientId", "patientid", "Patient No.", "participant", "mrn", "MRN", "person number"),
        *("customer-no", "member_id", "employee_number", "study_subject_id", "pidnum"),
    ],
)
def test_codes_of_people(header: str) -> None:
    for cells in (CODES, [str(10_056 + one) for one in range(20)], ["01-701-1015", "01-701-1023"]):
        found = judge_column(header, cells, SURELY_OTHER)
        assert (found.personal, found.kind, found.by) == (True, "pseudonym", "rule")


@pytest.mark.parametrize(
    "header",
    [
        *("sex", "visit", "batch_id", "sensor_id", "id", "site_id", "study_id", "product_code"),
        *("subject_line", "patient_weight", "patients", "customer_segment", "n_subjects"),
        *("interperson_code", "persona_id", "subjective", ""),
    ],
)
def test_codes_of_things(header: str) -> None:
    found = judge_column(header, CODES, SURELY_OTHER)
    assert found.kind != "pseudonym"
    assert not is_pseudonym(header, CODES)


@pytest.mark.parametrize(
    "cells",
    [
        ["0", "1"],
        ["1", "2", "3"] * 20,
        ["yes", "no"] * 5,
        ["Minutes of the meeting", "Re: 4 invoices"],
        ["a@example.org", "b@example.org"],
        [],
        ["", None, "n/a"],
    ],
)
def test_what_is_no_code_under_a_header_of_people(cells: list[object]) -> None:
    assert not is_pseudonym("subject", cells)


def test_a_row_for_each_visit() -> None:
    assert is_pseudonym("subject", [code for code in CODES for _ in range(24)])


def test_what_the_rule_knows_better_keeps_its_kind() -> None:
    cells = ["DE89370400440532013000", "GB82WEST12345698765432"]
    assert judge_column("customer_id", cells, SURELY_OTHER).kind == "bank or card"
    assert judge_column("patient", ["2020-01-01", "2020-01-02"], SURELY_OTHER).kind != "pseudonym"


def test_the_model_may_agree() -> None:
    sure = [float(kind == "person name") for kind in CLASSES]
    found = judge_column("patient_id", CODES, sure)
    assert (found.kind, found.by) == ("pseudonym", "both")
