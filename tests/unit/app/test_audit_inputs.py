"""`diptych audit` on projects and on sources in JSON, by the command line."""

import json

import pytest
from tests.unit.app.program import Program
from tests.unit.audit.test_bundles import FORMS
from tests.unit.audit.test_scan import VAULT

ONLY = ("--rule", "reentrancy", "--rules-only", "--fail-on", "never")


@pytest.fixture
def project(program: Program) -> Program:
    for name in ("foundry.toml", "src/Vault.sol", "test/Vault.t.sol", "lib/x/src/Vault.sol"):
        path = program.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(VAULT if name.endswith("sol") else "")
    (program.folder / "input.json").write_text(FORMS["map"])
    return program


def test_a_projects_own_sources_are_scanned_and_the_others_are_counted(project: Program) -> None:
    done = project("audit", "scan", ".", *ONLY)
    assert "passed over 2 files (1 in libraries, 1 in tests); --all scans them, too" in done.out
    assert "1 high found by 1 rule in 10 lines of 1 file" in done.out
    done = project("audit", "scan", ".", "--all", *ONLY)
    assert "passed over" not in done.out
    assert "in 30 lines of 3 files" in done.out
    assert "passed over" not in project("audit", "scan", "test", *ONLY).out


def test_sources_in_json_are_scanned_explained_and_drawn(project: Program) -> None:
    told = json.loads(project("audit", "scan", "input.json", *ONLY, "--json").out)
    (finding,) = told["findings"]
    assert finding["location"]["path"] == "src/Vault.sol"
    assert any("passed over 1 file" in notice for notice in told["notices"])
    name = finding["fingerprint"][:12]
    assert "held[msg.sender]" in project("audit", "explain", name, "input.json").out
    assert (
        project("audit", "scan", "input.json", *ONLY, "--format", "html", "-o", "r.html").code == 0
    )


def test_names_inside_of_json_are_never_opened(project: Program) -> None:
    outside = project.folder / "src" / "Vault.sol"
    text = json.dumps({"sources": {str(outside): {"content": VAULT}}})
    (project.folder / "input.json").write_text(text)
    for command in (("fix",), ("scan", "--sign", "-o", "r.txt")):
        done = project("audit", command[0], "input.json", *command[1:])
        assert done.code == 2
        assert "unpack" in done.err
    assert outside.read_text() == VAULT


def test_json_without_sources_is_said_to_be_unread(project: Program) -> None:
    (project.folder / "input.json").write_text("{}")
    done = project("audit", "scan", "input.json")
    assert done.code == 3
    assert "no sources" in done.out


def test_without_a_compiler_a_scan_says_so_and_finds_the_same(
    project: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(project.folder / "none"))
    done = project("audit", "scan", "src", "--compile", *ONLY)
    assert "1 high found" in done.out


@pytest.mark.node
def test_compilers_are_named_in_reports(project: Program) -> None:
    done = project("audit", "scan", "src", "--compile", *ONLY)
    assert "refined by solc 0.8" in done.out
    written = project("audit", "scan", "src", "--compile", *ONLY, "--format", "sarif").out
    (artifact,) = json.loads(written)["runs"][0]["artifacts"]
    assert artifact["properties"]["compiler"].startswith("solc 0.8")
    plain = json.loads(project("audit", "scan", "src", *ONLY, "--format", "sarif").out)
    assert "properties" not in plain["runs"][0]["artifacts"][0]


def test_a_file_of_no_hex_is_said_to_be_unread(project: Program) -> None:
    (project.folder / "code.hex").write_text("no digits")
    done = project("audit", "scan", "code.hex")
    assert done.code == 3
    assert "no bytecode" in done.out
    (project.folder / "code.hex").write_text("0x6001")
    assert project("audit", "scan", "code.hex", "--fail-on", "never").code == 0
