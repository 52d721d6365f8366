"""The auditor on whole files: reading, graphs, rules. No fault of ours may hide in a reason."""

from collections.abc import Callable
from pathlib import Path

from tests.property.fuzz.engine import Target
from tests.unit.audit.test_bundles import FORMS
from tests.unit.audit.test_cases import CASES

from diptych.audit.catalogue import installed_rules
from diptych.audit.errors import NothingToScan
from diptych.audit.rules.rule import Rule
from diptych.audit.scan import scan_files

_LARGEST = 20_000
_SEEDS = 60
BOUND_S = 5.0
_OURS = (" in the graph", "rule ")


def audit_targets(folder: Path) -> list[Target]:
    """Return the targets of this module; inputs are written below `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    rules = installed_rules()
    return [
        Target(
            "audit_solidity",
            _reader(folder / "input.sol", rules),
            _seeds("sol"),
            "text",
            40,
            bound_s=BOUND_S,
        ),
        Target(
            "audit_vyper",
            _reader(folder / "input.vy", rules),
            _seeds("vy"),
            "text",
            40,
            bound_s=BOUND_S,
        ),
        Target(
            "audit_bundle",
            _reader(folder / "input.json", rules),
            _bundles(),
            "json",
            40,
            bound_s=BOUND_S,
        ),
        Target(
            "audit_bytecode",
            _reader(folder / "input.hex", rules),
            _codes(),
            "binary",
            30,
            bound_s=BOUND_S,
        ),
    ]


def _bundles() -> list[bytes]:
    """Return sources in JSON, as compilers, build tools and explorers write it."""
    return [text.encode() for text in FORMS.values() if text[:2] not in ("{{", "\ufeff{")]


def _reader(path: Path, rules: tuple[Rule, ...]) -> Callable[[bytes], object]:
    def read(raw: bytes) -> object:
        path.write_bytes(raw.hex().encode() if path.suffix == ".hex" else raw)
        report = scan_files([path], rules)
        for file in report.files:
            for reason in file.reasons:
                assert not any(mark in reason for mark in _OURS), reason
        if not any(file.lines or not file.reasons for file in report.files):
            raise NothingToScan("nothing could be read")
        if any("syntax error" in reason for file in report.files for reason in file.reasons):
            raise NothingToScan("read in part")
        return report

    return read


def _seeds(suffix: str) -> list[bytes]:
    """Return case files, evenly picked: a short run must get beyond the seeds themselves."""
    found = sorted(CASES.glob(f"*/*.{suffix}"))
    small = [path for path in found if path.stat().st_size <= _LARGEST]
    return [path.read_bytes() for path in small[:: max(1, len(small) // _SEEDS)]]


def _codes() -> list[bytes]:
    """Return a contract that dispatches two selectors, calls its caller and then writes storage."""
    head = "6080604052600436106026575f3560e01c80632e1a7d4d14602a5780638da5cb5b146050575b5f80fd"
    body = "5b335f52602052604060402054805f5f5f5f93335af1505f335f526020526040602020555b00"
    tail = "5b5f545f5260205ff3" + "a264697066735822" + "00" * 34 + "64736f6c63430008140033"
    return [bytes.fromhex(head + body + tail), bytes.fromhex(head), b"\x5b" * 64 + b"\x56"]
