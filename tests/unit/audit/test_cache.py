"""A kept scan says what a fresh one says, whatever changed and whoever wrote the cache."""

import json
import os
from pathlib import Path

import pytest
from tests.unit.audit.test_scan import VAULT, write

from diptych.audit import scan as scanning
from diptych.audit.cache import store as storing
from diptych.audit.cache.engine import engine_digest
from diptych.audit.cache.scan import scan_kept
from diptych.audit.cache.store import ScanStore
from diptych.audit.catalogue import installed_rules
from diptych.audit.contract_scan import ContractScan
from diptych.audit.scan import Report, scan_files
from diptych.audit.source.files import find_sources
from diptych.core.user_secret import UserSecret

RULES = installed_rules(["reentrancy", "unchecked-call"])
BASE = "abstract contract Base { function pay(address a) internal { a.call(''); } }"
TOP = 'import "./Base.sol"; contract Top is Base { function go(address a) public { pay(a); } }'


class Scans:
    """Scans of one folder, and the names of the contracts that were really analysed."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder = folder / "code"
        self.folder.mkdir()
        self.cache = folder / "cache"
        self.secret = UserSecret(folder / "state" / "secret")
        self.analysed: list[str] = []
        real = ContractScan.run

        def run(scan, contract, **given):  # type: ignore[no-untyped-def]
            self.analysed.append(contract.tree.name)
            return real(scan, contract, **given)

        patch.setattr(ContractScan, "run", run)

    @property
    def store(self) -> ScanStore:
        return ScanStore(self.cache, self.secret, self.folder, engine_digest(RULES, None))

    def __call__(self) -> list[str]:
        """Scan, hold the result against a scan without cache, name what was analysed."""
        paths = find_sources([self.folder])
        self.analysed.clear()
        kept = scan_kept(paths, (RULES, None), self.store)
        analysed = [*self.analysed]
        assert told(kept) == told(scan_files(paths, RULES))
        return analysed


def told(report: Report) -> str:
    return json.dumps(report.to_json())


@pytest.fixture
def scans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scans:
    made = Scans(tmp_path, monkeypatch)
    write(made.folder, "Vault.sol", VAULT)
    write(made.folder, "Base.sol", BASE)
    write(made.folder, "Top.sol", TOP)
    return made


def test_what_did_not_change_is_not_analysed_again(scans: Scans) -> None:
    assert sorted(scans()) == ["Base", "Top", "Vault"]
    assert scans() == []
    write(scans.folder, "Vault.sol", VAULT + "// more\n")
    assert scans() == ["Vault"]


def test_a_change_of_an_import_reaches_who_imports(scans: Scans) -> None:
    scans()
    write(scans.folder, "Base.sol", BASE.replace("a.call('')", "require(true)"))
    assert sorted(scans()) == ["Base", "Top"]


def test_an_import_that_appears_vanishes_or_leads_elsewhere_counts(scans: Scans) -> None:
    write(scans.folder, "Top.sol", TOP.replace("./Base.sol", "x/Base.sol"))
    write(scans.folder, "package.json", "{}")
    scans()
    write(scans.folder, "node_modules/x/Base.sol", BASE)
    assert "Top" in scans()
    write(scans.folder, "remappings.txt", "x/=other/\n")
    write(scans.folder, "other/Base.sol", BASE.replace("a.call('')", ""))
    assert "Top" in scans()
    (scans.folder / "other/Base.sol").unlink()
    assert "Top" in scans()


def test_a_new_file_that_imports_a_kept_one_joins_its_group(scans: Scans) -> None:
    scans()
    write(scans.folder, "New.sol", 'import "./Base.sol"; contract New is Base { }')
    assert sorted(scans()) == ["Base", "New", "Top"]
    (scans.folder / "New.sol").unlink()
    assert sorted(scans()) == ["Base", "Top"]


def test_other_rules_use_nothing_that_these_left(scans: Scans) -> None:
    scans()
    other = engine_digest(RULES[:1], None)
    assert other != scans.store.engine
    assert ScanStore(scans.cache, scans.secret, scans.folder, other).load() == ()
    assert len(scans.store.load()) == 2


@pytest.mark.parametrize("damage", ["flip", "cut", "empty", "other secret", "link", "unsigned"])
def test_a_damaged_or_forged_cache_is_not_used(scans: Scans, damage: str) -> None:
    scans()
    path = scans.store.path
    raw = bytearray(path.read_bytes())
    if damage == "flip":
        raw[-10] ^= 1
        path.write_bytes(raw)
    elif damage in ("cut", "empty"):
        path.write_bytes(raw[: len(raw) // 2 if damage == "cut" else 0])
    elif damage == "other secret":
        scans.secret.path.write_bytes(bytes(32))
    elif damage == "link":
        path.rename(path.with_suffix(".real"))
        path.symlink_to(path.with_suffix(".real"))
    else:
        path.write_bytes(storing._MAGIC + bytes(32) + b"[]")
    assert sorted(scans()) == ["Base", "Top", "Vault"]


def test_a_secret_that_others_can_read_keeps_nothing(scans: Scans) -> None:
    scans()
    scans.secret.path.chmod(0o644)
    assert len(scans()) == 3


def test_a_cache_that_cannot_be_written_is_done_without(scans: Scans) -> None:
    scans.cache.write_text("a file")
    assert len(scans()) == 3
    assert len(scans()) == 3


def test_the_cache_is_bounded(scans: Scans, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storing, "MAX_FILES", 2)
    for name in ("a", "b", "c"):
        store = ScanStore(scans.cache, scans.secret, scans.folder / name, "0")
        store.save([])
        os.utime(store.path, (ord(name), ord(name)))
    assert len(list(scans.cache.iterdir())) == 2
    monkeypatch.setattr(storing, "MAX_BYTES", 3_500)
    scans()
    assert all(path.stat().st_size <= 3_500 for path in scans.cache.iterdir())


def test_an_interrupted_group_is_marked_and_not_kept(
    scans: Scans, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(scan: ContractScan, contract: object, **given: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ContractScan, "run", stop)
        report = scan_kept(find_sources([scans.folder]), (RULES, None), scans.store)
    assert report.interrupted
    assert all(file.reasons == (scanning._INTERRUPTED,) for file in report.files)
    assert len(scans()) == 3
