"""A judge between rules and report: probabilities, proposals, and what happens when it fails."""

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from tests.unit.audit.test_scan import VAULT, write

from diptych.audit.analysis.contract import ContractGraph
from diptych.audit.cache.engine import engine_digest
from diptych.audit.explain import explain
from diptych.audit.ranking import Candidate, Judged
from diptych.audit.report.markdown import markdown
from diptych.audit.report.sarif import sarif
from diptych.audit.report.terminal import terminal
from diptych.audit.rules.calls.reentrancy import INFO, RULE
from diptych.audit.rules.rule import Match
from diptych.audit.scan import Report, scan_files
from diptych.audit.triage.triaged import Triaged

PROPOSED = dataclasses.replace(INFO, id="learned-reentrancy", severity="low")
Judge = Callable[[ContractGraph, Sequence[Candidate]], Sequence[Judged]]


class Ranker:
    def __init__(self, judge: Judge, digest: str = "0") -> None:
        self.judge = judge
        self.digest = digest


def sure(contract: ContractGraph, candidates: Sequence[Candidate]) -> Sequence[Judged]:
    return [
        Judged(rule, match, 0.9, ("rule", "network"), match.related) for rule, match in candidates
    ]


def silent(contract: ContractGraph, candidates: Sequence[Candidate]) -> Sequence[Judged]:
    return []


def broken(contract: ContractGraph, candidates: Sequence[Candidate]) -> Sequence[Judged]:
    raise ValueError("no such tensor")


def proposing(contract: ContractGraph, candidates: Sequence[Candidate]) -> Sequence[Judged]:
    (op, *_) = next(view for view in contract.functions if view.calls).calls
    return [Judged(PROPOSED, Match(op, "looks like others"), 0.5, ("network",), (op,))]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write(tmp_path, "Vault.sol", VAULT)


def scan(path: Path, judge: Judge) -> Report:
    return scan_files([path], [RULE], ranker=Ranker(judge))


def test_a_probability_is_shown_with_who_spoke_and_lowers_the_risk(path: Path) -> None:
    report = scan(path, sure)
    (finding,) = report.findings
    assert finding.risk == 90.0
    assert [place.line for place in finding.evidence] == [8]
    said = "probability 0.90 (rule and network, by lines 8)"
    assert said in terminal(Triaged(report))
    assert said in markdown(Triaged(report))
    written = sarif(Triaged(report), [INFO])
    assert "'probability': 0.9" in str(written)
    assert "carried the judgement" in str(written)


def test_a_judge_can_silence_and_propose(path: Path) -> None:
    assert scan(path, silent).findings == ()
    report = scan(path, proposing)
    (finding,) = report.findings
    assert (finding.rule.id, finding.spoke, finding.severity) == (PROPOSED.id, ("network",), "low")
    assert PROPOSED.id in str(sarif(Triaged(report), [INFO]))
    found = explain([path], [RULE], finding, Ranker(proposing))
    assert found is not None
    assert found.entry == "Vault.take"
    assert explain([path], [RULE], finding) is None


def test_a_judge_that_fails_is_named_and_the_rules_still_count(path: Path) -> None:
    report = scan(path, broken)
    assert len(report.findings) == 1
    assert report.files[0].reasons == ("judge: ValueError: no such tensor",)


def test_another_judge_is_another_engine() -> None:
    digests = {engine_digest([RULE], Ranker(sure, digest)) for digest in ("0", "1")}
    assert len(digests | {engine_digest([RULE], None)}) == 3
