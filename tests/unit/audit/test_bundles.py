"""Sources in JSON: whoever wrapped them, they are read by their names, and nothing outside is."""

import json
from pathlib import Path
from typing import Any

import pytest

from diptych.audit.rules.calls.reentrancy import RULE
from diptych.audit.scan import Report, scan_files
from diptych.audit.source import bundle
from diptych.audit.source.files import find_sources
from diptych.audit.source.load import LoadedProgram, load_program

VAULT = """pragma solidity ^0.8.0;
import {Base} from "@lib/Base.sol";
contract Vault is Base {
    function take() public {
        uint due = held[msg.sender];
        (bool ok, ) = msg.sender.call{value: due}("");
        require(ok);
        held[msg.sender] = 0;
    }
}
"""
BASE = "pragma solidity ^0.8.0; contract Base { mapping(address => uint) held; }"
INPUT: dict[str, Any] = {
    "language": "Solidity",
    "sources": {"src/Vault.sol": {"content": VAULT}, "vendor/lib/Base.sol": {"content": BASE}},
    "settings": {"remappings": ["@lib/=elsewhere/", "src/:@lib/=vendor/lib/"]},
}
PLAIN = INPUT["sources"] | {"@lib/Base.sol": {"content": BASE}}
EXPLORED = {"SourceCode": "{" + json.dumps(INPUT) + "}", "ContractName": "Vault"}
FORMS = {
    "standard": json.dumps(INPUT),
    "double braces": "{" + json.dumps(INPUT) + "}",
    "build record": json.dumps({"id": "1", "solcVersion": "0.8.20", "input": INPUT, "output": {}}),
    "explorer": json.dumps({"status": "1", "result": [EXPLORED]}),
    "map": json.dumps(PLAIN),
    "byte order mark": "\ufeff" + json.dumps(INPUT),
}


def write(folder: Path, text: str, name: str = "input.json") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def load(folder: Path, value: object) -> LoadedProgram:
    return load_program([write(folder, json.dumps(value))])


def scan(path: Path) -> Report:
    return scan_files([path], [RULE])


@pytest.mark.parametrize("form", FORMS)
def test_sources_are_found_whoever_wrapped_them(form: str, tmp_path: Path) -> None:
    report = scan(write(tmp_path, FORMS[form]))
    (finding,) = report.findings
    assert (finding.location.path, finding.location.line) == ("src/Vault.sol", 6)
    assert not any(file.reasons for file in report.files)


def test_the_same_without_the_fault_is_silent(tmp_path: Path) -> None:
    repaired = FORMS["standard"].replace("held[msg.sender] = 0;", "")
    assert not scan(write(tmp_path, repaired)).findings


def test_one_source_without_more_and_vyper_are_read(tmp_path: Path) -> None:
    one = {"result": [{"SourceCode": BASE, "ContractName": "Base"}]}
    assert load(tmp_path, one).scanned == ("Base.sol",)
    vyper = {"SourceCode": "a: uint256", "ContractName": "a", "CompilerVersion": "vyper:0.3.7"}
    assert load(tmp_path, {"result": [vyper]}).scanned == ("a.vy",)
    modules = {"src/a.vy": {"content": "import b\nimport lib.c as c"}, "src/b.vy": {"content": ""}}
    loaded = load(tmp_path, {"sources": modules | {"lib/c.vyi": {"content": ""}}})
    assert [link.found for link in loaded.links] == ["src/b.vy", "lib/c.vyi"]


def test_packages_are_read_and_not_scanned_unless_they_are_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path, json.dumps({"sources": PLAIN}))
    loaded = load_program([path])
    assert loaded.passed == {"libraries": 1}
    assert "@lib/Base.sol" not in loaded.scanned
    assert "@lib/Base.sol" in load_program([path], everything=True).scanned
    only = {"sources": {"@lib/Base.sol": {"content": BASE}}}
    assert load(tmp_path, only).scanned == ("@lib/Base.sol",)


def test_two_bundles_are_told_apart(tmp_path: Path) -> None:
    paths = [write(tmp_path, FORMS["standard"], name) for name in ("a.json", "b.json")]
    report = scan_files(paths, [RULE])
    assert [f.location.path for f in report.findings] == [f"{p}:src/Vault.sol" for p in paths]


def test_a_folder_of_build_records_is_read(tmp_path: Path) -> None:
    write(tmp_path, FORMS["build record"], "out/build-info/1.json")
    assert len(scan_files(find_sources([tmp_path / "out/build-info"]), [RULE]).findings) == 1


def test_content_that_is_not_inside_comes_from_the_project(tmp_path: Path) -> None:
    write(tmp_path, "", "foundry.toml")
    write(tmp_path, BASE, "src/Base.sol")
    record = {"source_id_to_path": {"0": "src/Base.sol"}}
    path = write(tmp_path, json.dumps(record), "out/build-info/1.json")
    assert load_program([path]).texts["src/Base.sol"].data == BASE.encode()
    urls = {"sources": {"Base.sol": {"urls": ["http://x.invalid/a", "src/Base.sol"]}}}
    assert load(tmp_path, urls).texts["Base.sol"].data == BASE.encode()


@pytest.mark.parametrize(
    "said",
    [
        "../secret.sol",
        "a/../../secret.sol",
        "{outside}/secret.sol",
        "file://{outside}/secret.sol",
        "https://x.invalid/secret.sol",
        "link.sol",
        "a\x00b",
        "x" * 9_000,
    ],
)
def test_nothing_outside_of_the_project_is_read(said: str, tmp_path: Path) -> None:
    project = tmp_path / "project"
    write(project, "", "foundry.toml")
    write(tmp_path, "contract Secret {}", "secret.sol")
    (project / "link.sol").symlink_to(tmp_path / "secret.sol")
    said = said.format(outside=tmp_path)
    given: tuple[dict[str, object], ...] = ({said: {}}, {"a.sol": {"urls": [said]}})
    for sources in given:
        loaded = load(project, {"sources": sources})
        assert not any(text.data for text in loaded.texts.values())
        assert all(any("no content" in why for why in each) for each in loaded.reasons.values())


HOSTILE = {
    "empty": "",
    "no JSON": "contract A {}",
    "no object": "[[[1]]]",
    "deep": "[" * 100_000,
    "deep objects": '{"input":' * 50_000 + "1" + "}" * 50_000,
    "deep records": json.dumps({"result": {"result": {"result": {"result": {"result": PLAIN}}}}}),
    "no sources": json.dumps({"language": "Solidity", "sources": 7}),
    "nothing in it": json.dumps({"sources": {}}),
    "a package's": json.dumps({"name": "x", "version": "1"}),
    "numbers": json.dumps({"SourceCode": 7}),
    "lone surrogate": '{"sources": "\\ud800"}',
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_holds_no_sources_is_partial_and_says_why(kind: str, tmp_path: Path) -> None:
    (file,) = scan(write(tmp_path, HOSTILE[kind])).files
    assert file.path.endswith("input.json")
    assert len(file.reasons) == 1


def test_odd_values_inside_cost_only_themselves(tmp_path: Path) -> None:
    sources = {"a.sol": {"content": 7}, "b.sol": None, "c.sol": {"urls": {"a": 1}}, "d.sol": "x"}
    settings = {"remappings": [1, "=", "a", "x=\x00", "=" * 10_000]}
    value = {"sources": sources | {"e.sol": {"content": "contract \ud800 {}"}}}
    loaded = load(tmp_path, value | {"settings": settings})
    assert set(loaded.reasons) >= {"a.sol", "b.sol", "c.sol", "d.sol"}
    assert load(tmp_path, {"sources": {"\ud800": {"urls": ["\udfff"]}}}).scanned == ("\ufffd",)


def test_names_that_are_there_twice_or_act_on_terminals_are_marked(tmp_path: Path) -> None:
    text = '{"sources": {"a.sol": {"content": "x"}, "a.sol": {"content": "contract A {}"}}}'
    loaded = load_program([write(tmp_path, text)])
    assert any("twice" in why for why in loaded.reasons["a.sol"])
    assert loaded.texts["a.sol"].data == b"contract A {}"
    assert load(tmp_path, {"sources": {"\x1b[2J.sol": {"content": ""}}}).scanned == (
        "\ufffd[2J.sol",
    )


def test_circles_of_imports_and_remappings_end(tmp_path: Path) -> None:
    sources = {"a.sol": {"content": 'import "b.sol";'}, "b.sol": {"content": 'import "./a.sol";'}}
    value = {"sources": sources, "settings": {"remappings": ["a=a/a", "b.sol=b.sol"]}}
    assert [link.found for link in load(tmp_path, value).links] == ["a.sol", "b.sol"]


def test_sizes_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "MAX_FILE_BYTES", 50)
    path = write(tmp_path, json.dumps({"sources": {"a.sol": {"content": "//" * 50}}}))
    loaded = load_program([path])
    assert any("only the first" in why for why in loaded.reasons["a.sol"])
    assert len(loaded.texts["a.sol"].data) == 50
    monkeypatch.setattr(bundle, "_MAX_SOURCES", 1)
    assert "more than" in load(tmp_path, INPUT).reasons[str(path)][0]
    monkeypatch.setattr(bundle, "MAX_BUNDLE_BYTES", 10)
    assert "more than" in load_program([path]).reasons[str(path)][0]
