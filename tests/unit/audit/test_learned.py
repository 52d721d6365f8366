import math
import re
from dataclasses import replace
from pathlib import Path

import pytest

from diptych.audit.analysis.contract import ContractGraph, build_contract
from diptych.audit.catalogue import installed_rules
from diptych.audit.learned.features import FLAGS, FUNCTION_FLAGS, MAX_NODES, RELATIONS, Encoder
from diptych.audit.learned.rank import LearnedRanker, shipped_ranker
from diptych.audit.learned.table import ProbabilityTable, Voice
from diptych.audit.learned.vocabulary import ATTRIBUTES, CATEGORIES, KINDS, TYPES
from diptych.audit.ranking import Candidate, Ranker
from diptych.audit.scan import scan_files
from diptych.audit.source.load import load_program

VAULT = """pragma solidity ^0.8.20;
contract Vault {
    mapping(address => uint) held;
    address owner;
    function pay() external payable { held[msg.sender] += msg.value; }
    function take() external {
        uint due = held[msg.sender];
        (bool ok, ) = msg.sender.call{value: due}("");
        require(ok);
        held[msg.sender] = 0;
    }
    function sweep(address payable to) external {
        require(msg.sender == owner);
        to.transfer(address(this).balance);
    }
}
"""
RENAMED = {"Vault": "Zzz", "held": "alpha", "owner": "beta", "pay": "gamma", "take": "delta"}
TABLE = ProbabilityTable(
    priors={"high": 0.6, "medium": 0.5, "low": 0.3, "info": 0.1},
    records={"seen/high": (9.0, 10.0)},
    weights=[0.0, 1.0, 0.5, 0.0, 0.0, 0.0],
    knots=[],
    hide=0.1,
    demote=0.4,
    propose={},
)


def graph(folder: Path, source: str) -> ContractGraph:
    path = folder / "Source.sol"
    path.write_text(source)
    (contract,) = load_program([path]).program.contracts
    return build_contract(contract, set())


def encoded(contract: ContractGraph) -> list[tuple[object, ...]]:
    encoder = Encoder(contract)
    return [tuple(encoder.encode(view)[1:]) for view in contract.functions]


def candidates(contract: ContractGraph) -> list[Candidate]:
    return [Candidate(r.info, m) for r in installed_rules() for m in r.check(contract)]


def test_names_play_no_part(tmp_path: Path) -> None:
    renamed = VAULT
    for old, new in RENAMED.items():
        renamed = re.sub(rf"\b{old}\b", new, renamed)
    assert encoded(graph(tmp_path, VAULT)) == encoded(graph(tmp_path, renamed))


def test_a_repaired_function_looks_different(tmp_path: Path) -> None:
    late = "        held[msg.sender] = 0;\n"
    repaired = VAULT.replace(late, "").replace("        (bool", f"{late}        (bool")
    assert encoded(graph(tmp_path, VAULT)) != encoded(graph(tmp_path, repaired))


def test_arrays_fit_the_model(tmp_path: Path) -> None:
    contract = graph(tmp_path, VAULT)
    for view in contract.functions:
        arrays = Encoder(contract).encode(view)
        assert len(arrays.function) == FUNCTION_FLAGS
        assert {len(row) for row in arrays.flags} == {FLAGS}
        for kind, attribute, value in arrays.words:
            assert kind < len(KINDS)
            assert attribute < len(ATTRIBUTES)
            assert value < len(TYPES)
        for source, target, relation in arrays.edges:
            assert max(source, target) < len(arrays.words)
            assert relation < RELATIONS


def test_a_huge_function_is_cut(tmp_path: Path) -> None:
    body = "a = a * 3 + b; " * 900
    source = f"contract C {{ uint a; uint b; function f() public {{ {body} }} }}"
    contract = graph(tmp_path, source)
    (view,) = contract.functions
    arrays = Encoder(contract).encode(view)
    assert len(arrays.ops) == MAX_NODES < len(view.ops)


def test_table_survives_writing() -> None:
    table = TABLE._replace(knots=[(0.1, 0.2), (0.9, 0.8)])
    assert ProbabilityTable.parse(table.dump()) == table


def test_a_rule_without_record_counts_as_its_severity() -> None:
    assert TABLE.probability("new", "high", None) == pytest.approx(0.6)
    assert TABLE.probability("new", "low", None) == pytest.approx(0.3)
    assert TABLE.probability("seen", "high", None) > 0.8


def test_the_network_moves_the_probability_both_ways() -> None:
    for severity in ("high", "medium", "low", "info"):
        doubt = TABLE.probability("new", severity, Voice(-4, -4))
        plain = TABLE.probability("new", severity, None)
        sure = TABLE.probability("new", severity, Voice(4, 4))
        assert 0 < doubt < plain < sure < 1


def test_calibration_never_leaves_its_knots() -> None:
    table = TABLE._replace(knots=[(0.2, 0.1), (0.6, 0.7)])
    assert [round(table.calibrated(raw), 3) for raw in (0.0, 0.2, 0.4, 0.6, 1.0)] == [
        *(0.1, 0.1, 0.4, 0.7, 0.7),
    ]


def test_shipped_judge_gives_each_candidate_a_probability(tmp_path: Path) -> None:
    ranker: Ranker = shipped_ranker()
    contract = graph(tmp_path, VAULT)
    asked = candidates(contract)
    judged = [each for each in ranker.judge(contract, asked) if "rule" in each.spoke]
    assert [each.rule for each in judged] == [each.rule for each in asked]
    for each in judged:
        assert each.probability is not None
        assert 0 < each.probability < 1
        assert bool(each.evidence) == ("network" in each.spoke)


def test_judgements_do_not_depend_on_the_order_of_rules(tmp_path: Path) -> None:
    contract = graph(tmp_path, VAULT)
    asked = candidates(contract)
    one = shipped_ranker().judge(contract, asked)
    other = shipped_ranker().judge(contract, asked[::-1])
    known = {(each.rule.id, id(each.match.op)): each.probability for each in one}
    assert {(each.rule.id, id(each.match.op)): each.probability for each in other} == known


def test_thresholds_lower_severity_and_keep_the_finding(tmp_path: Path) -> None:
    shipped = shipped_ranker()
    contract = graph(tmp_path, VAULT)
    asked = [each for each in candidates(contract) if each.rule.id == "reentrancy"]
    assert asked
    for hide, demote, severity in ((0.0, 1.0, "low"), (1.0, 1.0, "info"), (0.0, 0.0, "high")):
        table = TABLE._replace(hide=hide, demote=demote)
        (judged,) = LearnedRanker(shipped.network, table, "").judge(contract, asked)
        assert judged.match.severity == severity
        assert judged.match.op is asked[0].match.op


def test_the_network_alone_speaks_only_where_no_rule_does(tmp_path: Path) -> None:
    shipped = shipped_ranker()
    contract = graph(tmp_path, VAULT)
    table = TABLE._replace(propose={"reentrancy": -math.inf})
    ranker = LearnedRanker(shipped.network, table, "")
    asked = [each for each in candidates(contract) if each.rule.category == "reentrancy"]
    alone = [each for each in ranker.judge(contract, asked) if each.spoke == ("network",)]
    said = {each.match.op.frame.function.name for each in alone if each.match.op.frame.function}
    assert "take" not in said
    assert "pay" in said
    assert all(each.rule.id.startswith("learned-") and each.evidence for each in alone)


def test_a_scan_shows_who_spoke_and_what_carried_it(tmp_path: Path) -> None:
    path = tmp_path / "Vault.sol"
    path.write_text(VAULT)
    rules = installed_rules(["reentrancy"])
    (finding,) = scan_files([path], rules, ranker=shipped_ranker()).findings
    (alone,) = scan_files([path], rules).findings
    assert finding.spoke == ("rule", "network")
    assert finding.probability is not None
    assert finding.probability > 0.5
    assert {place.function for place in finding.evidence} <= {"take"}
    assert alone.probability is None
    assert replace(alone, probability=finding.probability).location == finding.location


def test_the_categories_are_those_of_findings() -> None:
    assert len(set(CATEGORIES)) == len(CATEGORIES) == 9
