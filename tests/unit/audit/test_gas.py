"""Rewrites fit where they hold, stay away where they do not, and are shown with measured gas."""

from pathlib import Path

import pytest
from tests.unit.audit.gas_cases import CASES, Case

from diptych.audit.fixes.edit import applied
from diptych.audit.gas.packing import packed_order, slots_of
from diptych.audit.gas.rewrite import Candidate
from diptych.audit.gas.rewrites.table import REWRITES
from diptych.audit.gas.site import GasSite
from diptych.audit.graph.types import ADDRESS, UINT256, Type
from diptych.audit.source.load import load_program

_BY_ID = {each.id: each for each in REWRITES}


def _site(folder: Path, members: str, pragma: str) -> GasSite:
    path = folder / "C.sol"
    path.write_text(f"pragma solidity ^{pragma};\ncontract C {{\n    {members}\n}}\n")
    loaded = load_program([path])
    (contract,) = loaded.program.contracts
    return GasSite(loaded.texts[str(path)], contract, (contract,), contract.unit.version)


def _candidates(folder: Path, case: Case, members: str) -> tuple[GasSite, list[Candidate]]:
    site = _site(folder, members, case.pragma)
    return site, list(_BY_ID[case.rewrite].candidates(site))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rewrite)
def test_a_rewrite_fits_and_writes_what_it_says(case: Case, tmp_path: Path) -> None:
    site, found = _candidates(tmp_path, case, case.members)
    assert len(found) == 1
    assert case.becomes in applied(site.text.data, found[0].edits).decode()


@pytest.mark.parametrize(
    ("case", "twin"),
    [(case, twin) for case in CASES for twin in case.twins],
    ids=lambda each: each.rewrite if isinstance(each, Case) else "",
)
def test_it_stays_away_where_it_would_change_what_happens(
    case: Case, twin: str, tmp_path: Path
) -> None:
    _, found = _candidates(tmp_path, case, twin)
    assert found == []


def test_every_rewrite_has_a_case() -> None:
    assert {case.rewrite for case in CASES} == set(_BY_ID)
    assert len(REWRITES) >= 15


def test_no_rewrite_is_older_than_what_it_writes(tmp_path: Path) -> None:
    case = next(each for each in CASES if each.rewrite == "custom-error")
    site = _site(tmp_path, case.members, "0.8.3")
    assert list(_BY_ID["custom-error"].candidates(site)) == []


def test_packing_shares_slots_and_leaves_what_is_packed() -> None:
    half, flag = Type("uint", 128), Type("bool", 8)
    assert slots_of([half, UINT256, half]) == 3
    assert packed_order([half, UINT256, half]) == [0, 2, 1]
    assert packed_order([half, half, UINT256]) is None
    assert packed_order([flag, UINT256, ADDRESS, UINT256, flag]) == [0, 2, 4, 1, 3]
