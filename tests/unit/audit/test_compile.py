"""Compilers are chosen by pragma, bounded, and never let near what is outside the project."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from diptych.audit.compile import CompilerUnavailable, NotCompiled, Settings, Toolchain, closure
from diptych.audit.compile.layout import read_layout, source_layout
from diptych.audit.compile.linking import linked
from diptych.audit.compile.pragmas import candidates
from diptych.audit.compile.process import CompilerProcess
from diptych.audit.source.load import load_program
from diptych.contracts.compiler import find_node

STORED = """pragma solidity ^0.8.0;
import {Base} from "lib/Base.sol";
contract Store is Base {
    enum Kind { A, B }
    struct Entry { uint128 amount; bool open; address who; }
    uint8 small; bool flag; address who; bytes4 tag; Kind kind;
    uint72[5] packed; Entry entry; Entry[2] pair; Entry[] list;
    mapping(address => mapping(uint256 => Entry)) table; string text; bytes data;
    uint256 constant LIMIT = 3; uint256 immutable made = 4; int24 last; Base other;
    function() external hook; uint256[] numbers;
}
"""
BASE = "pragma solidity >=0.7.0; contract Base { uint256 first; bool second; }\n"


@pytest.mark.parametrize(
    ("pragma", "first"),
    [
        ("^0.8.0", "0.8.34"),
        ("0.6.2", "0.6.2"),
        ("^0.4.18", "0.4.26"),
        (">=0.4.22 <0.6.0", "0.5.17"),
        ("~0.5.3", "0.5.17"),
        ("0.7.x", "0.7.6"),
        ("0.5.0 - 0.5.9", "0.5.9"),
        ("^0.4.11 || ^0.6.0", "0.6.12"),
        (">0.4.13 >=0.4.23 <0.5.0", "0.4.26"),
    ],
)
def test_the_newest_compiler_that_a_pragma_allows_comes_first(pragma: str, first: str) -> None:
    assert candidates([f"pragma solidity {pragma};"])[0] == first


def test_all_pragmas_of_a_closure_count() -> None:
    assert candidates(["pragma solidity >=0.6.0;", "pragma solidity <0.7.0;"])[0] == "0.6.12"
    assert candidates(["pragma solidity ^0.4.0;", "pragma solidity ^0.8.0;"]) == ()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "foundry.toml").write_text("[profile.default]\n")
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "Base.sol").write_text(BASE)
    source = tmp_path / "src" / "Store.sol"
    source.parent.mkdir()
    source.write_text(STORED)
    return source


def test_imports_are_resolved_as_the_scan_resolves_them_and_names_know_no_machine(
    project: Path,
) -> None:
    sources = closure(load_program([project]), str(project))
    assert set(sources.texts) == {"src/Store.sol", "lib/Base.sol"}
    assert sources.remappings == ("src/Store.sol:lib/Base.sol=lib/Base.sol",)


def test_our_own_storage_layout_is_the_compilers(project: Path) -> None:
    loaded = load_program([project])
    sources = closure(loaded, str(project))
    with Toolchain() as toolchain:
        compiled = toolchain.compile(sources, Settings())
    found = compiled.contracts["src/Store.sol", "Store"]
    theirs = read_layout(found.layout)
    (node,) = (each for each in loaded.program.contracts if each.tree.name == "Store")
    ours = source_layout(node)
    assert [v[:3] for v in ours.described()] == [v[:3] for v in theirs.described()]
    sizes = [layout.types[v.type].size for layout in (ours, theirs) for v in layout.variables]
    assert sizes[: len(sizes) // 2] == sizes[len(sizes) // 2 :]


def test_a_missing_import_is_named(project: Path) -> None:
    (project.parent.parent / "lib" / "Base.sol").unlink()
    with pytest.raises(NotCompiled, match=r"import 'lib/Base\.sol' is not there"):
        closure(load_program([project]), str(project))


def test_a_refused_source_is_told_in_the_compilers_words(tmp_path: Path) -> None:
    path = tmp_path / "Bad.sol"
    path.write_text("pragma solidity 0.8.34; contract Bad { uint x = true; }\n")
    with Toolchain() as toolchain, pytest.raises(NotCompiled, match=r"solc 0\.8\.34.*TypeError"):
        toolchain.compile(closure(load_program([path]), str(path)), Settings())


def test_libraries_are_linked_by_their_code_and_gaps_stay_without_them(tmp_path: Path) -> None:
    path = tmp_path / "Linked.sol"
    path.write_text(
        "pragma solidity 0.8.34;"
        " library Low { function two() public pure returns (uint) { return 2; } }"
        " library High { function four() public pure returns (uint) { return Low.two() * 2; } }"
        " contract C { function eight() external pure returns (uint) { return High.four() * 2; } }"
    )
    with Toolchain() as toolchain:
        found = toolchain.compile(closure(load_program([path]), str(path)), Settings())
    key = ("Linked.sol", "C")
    assert not found.contracts[key].deployable
    made, libraries = linked(found)
    assert made.contracts[key].deployable
    assert len(libraries) == 2
    assert any(each[2:] in made.contracts[key].creation for each in libraries)
    alone = replace(found, contracts={key: found.contracts[key]})
    assert not linked(alone)[0].contracts[key].deployable


def test_answers_are_kept_by_digest(project: Path, tmp_path: Path) -> None:
    sources = closure(load_program([project]), str(project))
    cache = tmp_path / "kept"
    cache.mkdir()
    (cache / "gone.json.gz").symlink_to("nowhere")  # as one that another process just took away
    with Toolchain(cache) as toolchain:
        first = toolchain.compile(sources, Settings())

    def refuse(version: str) -> Path:
        raise CompilerUnavailable(f"solc {version} is not needed")

    with Toolchain(cache, refuse) as toolchain:
        assert toolchain.compile(sources, Settings()) == first
        with pytest.raises(CompilerUnavailable):
            toolchain.compile(sources, Settings(optimizer_runs=None))


def _compiler(folder: Path, body: str) -> CompilerProcess:
    fake = folder / "soljson.js"
    fake.write_text(
        f"module.exports = {{ _solidity_compile: 1, cwrap: () => (line) => {{ {body} }} }};"
    )
    return CompilerProcess(find_node(), fake, timeout_s=1.5)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("for (;;) {}", "did not answer in 1.5 s"),
        ("process.exit(1)", "died"),
        ("return 'no json'", "ended without an answer"),
        ("return '[1]'", "no JSON object"),
    ],
)
def test_a_compiler_that_oversteps_is_ended(tmp_path: Path, body: str, told: str) -> None:
    compiler = _compiler(tmp_path, body)
    with pytest.raises(NotCompiled, match=told):
        compiler.compile({})
    compiler.close()


def test_a_compiler_answers_one_request_after_the_other(tmp_path: Path) -> None:
    compiler = _compiler(
        tmp_path, "return JSON.stringify({ got: JSON.parse(line), lines: '\\\\n' })"
    )
    for number in (1, 2):
        assert compiler.compile({"number": number})["got"] == {"number": number}
    compiler.close()


def test_settings_say_nothing_that_an_old_compiler_does_not_know() -> None:
    old = Settings().request("0.4.11", ())
    new = Settings(via_ir=True).request("0.8.34", ())
    assert "metadata" not in old
    assert "storageLayout" not in json.dumps(old)
    assert (new["evmVersion"], new["viaIR"]) == ("cancun", True)
