"""Several processes find what one does, whatever happens to them."""

import json
import os
import signal
from multiprocessing.connection import wait as wait_for
from pathlib import Path

import pytest
from tests.unit.audit.test_scan import VAULT, write

from diptych.audit import processes
from diptych.audit.cache.loaded import scan_loaded
from diptych.audit.cache.store import ScanStore
from diptych.audit.catalogue import installed_rules
from diptych.audit.contract_scan import ContractScan
from diptych.audit.contract_work import Work, parted
from diptych.audit.scan import Report, scan_files, scan_program
from diptych.audit.source.files import find_sources
from diptych.audit.source.groups import Group, groups_of
from diptych.audit.source.load import load_program
from diptych.core.user_secret import UserSecret

RULES = installed_rules(["reentrancy", "unchecked-call", "tx-origin"])
BASE = """
abstract contract Base {
    mapping(address => uint) held;
    function pay(address a, uint n) internal virtual { a.call{value: n}(""); held[a] = 0; }
    function leave() public { require(tx.origin == msg.sender); pay(msg.sender, held[msg.sender]); }
}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of one large group of contracts and two small ones."""
    write(tmp_path, "Base.sol", BASE)
    for at in range(20):
        body = "function pay(address a, uint n) internal override { }" if at % 3 == 0 else ""
        text = f'import "./Base.sol"; contract C{at} is Base {{ {body} }}'
        write(tmp_path, f"C{at}.sol", text)
    write(tmp_path, "Vault.sol", VAULT)
    write(tmp_path, "Broken.sol", "contract Broken { function f( ")
    return tmp_path


def told(report: Report) -> str:
    return json.dumps(report.to_json())


@pytest.mark.parametrize("jobs", [2, 3, 64])
def test_jobs_change_nothing(folder: Path, jobs: int) -> None:
    paths = find_sources([folder])
    alone = scan_files(paths, RULES)
    assert alone.findings
    assert told(scan_files(paths, RULES, jobs=jobs)) == told(alone)


def test_every_contract_is_in_one_share(folder: Path) -> None:
    loaded = load_program(find_sources([folder]))
    groups = groups_of(loaded)
    shares = parted(Work(loaded, groups, RULES, None), 2)
    places = [place for share in shares for places in share for place in places]
    assert sorted(places) == [
        (at, number) for at, group in enumerate(groups) for number in range(len(group.contracts))
    ]
    assert len(shares) == 2
    empty = [Group((), ())]
    assert parted(Work(loaded, empty, RULES, None), 2) == []


def test_what_a_lost_process_should_scan_is_told_and_not_kept(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, parent = ContractScan.run, os.getpid()

    def run(scan, contract, **given):  # type: ignore[no-untyped-def]
        if contract.tree.name == "C7" and os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(scan, contract, **given)

    monkeypatch.setattr(ContractScan, "run", run)
    other = tmp_path_factory.mktemp("kept")
    store = ScanStore(other / "cache", UserSecret(other / "secret"), folder, "engine")
    loaded = load_program(find_sources([folder]))
    report = scan_loaded(loaded, (RULES, None), store, jobs=2)
    reasons = {Path(file.path).name: file.reasons for file in report.files}
    assert "its scan process ended before its analysis did" in reasons["C7.sol"]
    assert not report.interrupted
    kept = {file.path for one in store.load_loaded() for file in one.found.files}
    assert {Path(path).name for path in kept} <= {"Vault.sol", "Broken.sol"}
    assert (
        scan_loaded(loaded, (RULES, None), store).findings == scan_program(loaded, RULES).findings
    )


def test_an_interrupt_ends_all_processes_and_keeps_what_was_done(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[int] = []
    start = processes._start

    def noted(*given):  # type: ignore[no-untyped-def]
        made = start(*given)
        started.append(made[0].pid or 0)
        return made

    seen: list[int] = []

    def wait(pipes):  # type: ignore[no-untyped-def]
        seen.append(len(pipes))
        if len(seen) > 3:
            raise KeyboardInterrupt
        return wait_for(pipes)

    monkeypatch.setattr(processes, "_start", noted)
    monkeypatch.setattr(processes, "wait", wait)
    report = scan_files(find_sources([folder]), RULES, jobs=2)
    assert report.interrupted
    assert len(started) == 2
    for pid in started:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_without_fork_one_process_does_all(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_ways", lambda: ["spawn"])
    monkeypatch.setattr(processes, "_start", lambda *_: pytest.fail("a process was started"))
    paths = find_sources([folder])
    assert told(scan_files(paths, RULES, jobs=4)) == told(scan_files(paths, RULES))


BUNDLE = {
    "language": "Solidity",
    "sources": {"A.sol": {"content": VAULT}, "B.sol": {"content": BASE}},
}


def test_sources_in_json_are_not_analysed_again_unless_they_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    analysed: list[str] = []
    real = ContractScan.run

    def run(scan, contract, **given):  # type: ignore[no-untyped-def]
        analysed.append(contract.tree.name)
        return real(scan, contract, **given)

    monkeypatch.setattr(ContractScan, "run", run)
    path = write(tmp_path, "input.json", json.dumps(BUNDLE))
    store = ScanStore(tmp_path / "cache", UserSecret(tmp_path / "secret"), tmp_path, "engine")

    def scanned() -> list[str]:
        loaded = load_program([path])
        fresh = told(scan_program(loaded, RULES))
        analysed.clear()
        report = scan_loaded(loaded, (RULES, None), store)
        assert told(report) == fresh
        assert report.virtual == {"A.sol", "B.sol"}
        return [*analysed]

    assert sorted(scanned()) == ["Base", "Vault"]
    assert scanned() == []
    changed = {**BUNDLE, "sources": {**BUNDLE["sources"], "B.sol": {"content": BASE + "// more"}}}  # type: ignore[dict-item]
    path.write_text(json.dumps(changed))
    assert scanned() == ["Base"]
    path.write_text(json.dumps(BUNDLE))
    assert scanned() == []
