"""Requirements: strict files, and which report meets them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diptych.core.errors import MalformedError
from diptych.provenance.requirements import (
    STAGES,
    BadRequirements,
    Candidate,
    QualityClaim,
    Requirement,
    RequirementUnmet,
    dump_requirements,
    parse_requirements,
    quality_claim,
    require_report,
)
from diptych.provenance.requirements.claims import RuleFailure
from diptych.provenance.requirements.judge import applies
from diptych.provenance.statement import Draft, Subject, statement_payload
from diptych_verify.statement import Statement, parse_statement

KEY, OTHER = f"ed25519:{'ab' * 32}", f"ed25519:{'cd' * 32}"
NOW_S = 1_800_000_000
RULES, OTHERS = "11" * 32, "22" * 32
PASS = QualityClaim("pass", RULES, "33" * 32, "diptych 0.2.0")
FAIL = replace(PASS, verdict="fail", failed=(RuleFailure("range:age", 7, (5, 17)),))
DAY = Requirement("train", max_age_days=30)


def candidate(index: int, claim: QualityClaim = PASS) -> Candidate:
    return Candidate(index, f"{index:064x}", claim, "2027-01-10T00:00:00Z", (KEY,))


def met(requirement: Requirement, *candidates: Candidate) -> int:
    return require_report(requirement, candidates, what="patients@1", now_s=NOW_S).index


words = st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=1, max_size=9)
requirements = st.builds(
    Requirement,
    stage=st.sampled_from(STAGES),
    applies_to=st.lists(words, min_size=1, max_size=3).map(tuple),
    rules=st.lists(st.sampled_from([RULES, OTHERS]), max_size=2).map(tuple),
    max_age_days=st.none() | st.integers(1, 999),
    min_version=st.sampled_from(["", "0.1", "1.20.3"]),
    signers=st.lists(st.sampled_from([KEY, OTHER]), max_size=2).map(tuple),
)


@given(st.lists(requirements, max_size=3, unique_by=lambda one: one.stage))
def test_what_is_written_is_read_back(made: list[Requirement]) -> None:
    by_stage = {one.stage: one for one in made}
    assert parse_requirements(dump_requirements(by_stage)) == by_stage


HEAD = b'format = "diptych-requirements/1"\n'


@pytest.mark.parametrize(
    "raw",
    [
        *(b"", b"\xff", b"format = 1", HEAD + b"[trian]", HEAD + b"train = 1"),
        *(HEAD + b"[train]\nmore = 1", HEAD + b"[train]\nrules = ['ab']"),
        *(HEAD + b"[train]\nmax_age_days = 0", HEAD + b"[train]\nmax_age_days = true"),
        *(HEAD + b"[train]\nmin_version = 1", HEAD + b"[train]\nmin_version = 'x'"),
        *(HEAD + b"[train]\nsigners = ['me']", HEAD + b"[train]\napplies_to = [1]"),
    ],
)
def test_a_malformed_file_is_refused(raw: bytes) -> None:
    with pytest.raises(BadRequirements):
        parse_requirements(raw)


def test_the_seal_stage_is_about_tables_unless_it_says_so() -> None:
    seal = parse_requirements(HEAD + b"[seal]\n[train]")["seal"]
    assert applies(seal, "a.csv")
    assert not applies(seal, "a.txt")
    assert applies(parse_requirements(HEAD + b"[seal]\n[train]")["train"], "patients")


def test_a_passing_report_meets_it() -> None:
    assert met(DAY, candidate(3)) == 3


def test_without_a_report_it_is_not_met() -> None:
    with pytest.raises(RequirementUnmet, match="no quality report") as caught:
        met(DAY)
    assert caught.value.hint == "diptych data check patients@1 --rules FILE"


def test_the_refusal_names_rule_and_rows() -> None:
    with pytest.raises(RequirementUnmet, match=r"range:age \(7: rows 5, 17, …\)"):
        met(DAY, candidate(3, FAIL))


def test_the_newest_report_decides() -> None:
    assert met(DAY, candidate(3, FAIL), candidate(4)) == 4
    with pytest.raises(RequirementUnmet, match="report 4 failed"):
        met(DAY, candidate(4, FAIL), candidate(3))


def test_every_table_within_the_data_must_pass() -> None:
    a, b = (replace(PASS, file=name) for name in ("a.csv", "b.csv"))
    assert met(DAY, candidate(3, a), candidate(4, b)) == 4
    with pytest.raises(RequirementUnmet, match="report 3 failed"):
        met(DAY, candidate(3, replace(FAIL, file="a.csv")), candidate(4, b))


@pytest.mark.parametrize(
    ("requirement", "change", "said"),
    [
        (replace(DAY, rules=(OTHERS,)), {}, "other rules"),
        (DAY, {"time": "2026-12-01T00:00:00Z"}, "days old"),
        (replace(DAY, min_version="0.10"), {}, "older than 0.10"),
        (replace(DAY, signers=(OTHER,)), {}, "nobody who is named"),
        (DAY, {"trusted": False}, "not trusted here"),
        (DAY, {"intact": False}, "revoked"),
        (replace(DAY, signers=(KEY,)), {"intact": False}, "revoked"),
    ],
)
def test_a_report_that_does_not_count(
    requirement: Requirement, change: dict[str, object], said: str
) -> None:
    with pytest.raises(RequirementUnmet, match=said):
        met(requirement, replace(candidate(3), **change))  # type: ignore[arg-type]


def test_reports_that_do_count() -> None:
    assert met(replace(DAY, rules=(OTHERS, RULES)), candidate(3)) == 3
    assert met(replace(DAY, min_version="0.1.9"), candidate(3)) == 3
    assert met(replace(DAY, signers=(KEY,)), replace(candidate(3), trusted=False)) == 3


def statement(claim: object) -> Statement:
    draft = Draft("quality", (Subject("a", {"sha256": "00" * 32}),), 0, (), {"quality": claim})  # type: ignore[dict-item]
    return parse_statement(statement_payload(draft))


def test_claims_are_read_back_and_stay_small() -> None:
    assert quality_claim(statement(FAIL.to_json())) == FAIL
    many = tuple(RuleFailure(f"range:{'x' * 150}{n}", 9, (1, 2, 3, 4, 5)) for n in range(5))
    payload = statement_payload(
        Draft(
            "quality",
            (Subject("a", {"sha256": "00" * 32}),),
            0,
            (),
            {"quality": replace(FAIL, failed=many).to_json()},
        )
    )
    assert len(payload) <= 1024


@pytest.mark.parametrize(
    "change",
    [
        *({"verdict": "good"}, {"rules": "ab"}, {"tool": 1}, {"more": 1}, {"failed": 1}),
        *({"failed": [{"rule": "a", "count": 1, "rows": [0]}]}, {"failed": [{"rule": "a"}]}),
    ],
)
def test_a_malformed_claim_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(MalformedError):
        quality_claim(statement(FAIL.to_json() | change))


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda one: HEAD + one.encode()))
def test_any_bytes_are_requirements_or_refused(raw: bytes) -> None:
    try:
        parse_requirements(raw)
    except BadRequirements:
        return
