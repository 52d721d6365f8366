"""Projects of every build tool: where imports lead, and what of a project is its own code."""

import json
from pathlib import Path

import pytest

from diptych.audit.source.files import survey
from diptych.audit.source.imports import Project
from diptych.audit.source.remappings import mapped, parse_remappings


def tree(root: Path, *names: str, **texts: str) -> None:
    """Write files: empty ones by name, those with content by name with `__` for `/`."""
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    for name, text in texts.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def leads(root: Path, said: str, importer: str = "src/A.sol") -> str | None:
    """Return where an import leads, from the project's folder."""
    found = Project(root / importer).resolve(said, (root / importer).resolve())
    return None if found is None else found.relative_to(root.resolve()).as_posix()


def test_the_longest_context_counts_then_the_longest_prefix_then_the_last() -> None:
    lines = ["a/=1/", "a/b/=2/", "src/:a/=3/", "a/=4/", "=x", "none"]
    every = parse_remappings(lines)
    assert mapped("a/b/c", "src/A.sol", every) == ["3/b/c", "2/c", "4/b/c", "1/b/c"]
    assert mapped("a/b/c", "test/A.sol", every) == ["2/c", "4/b/c", "1/b/c"]
    assert mapped("z", "src/A.sol", every) == []


def test_remappings_without_end_cost_little() -> None:
    every = parse_remappings(["a=b"] * 100_000)
    assert (len(every), len(mapped("a/x", "A.sol", every))) == (5_000, 32)


@pytest.mark.parametrize(("profile", "found"), [("", "one/X.sol"), ("second", "two/X.sol")])
def test_foundrys_profile_counts(
    profile: str, found: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOUNDRY_PROFILE", profile or "default")
    toml = (
        '[profile.default]\nremappings = ["@x/=one/"]\n[profile.second]\nremappings = ["@x/=two/"]'
    )
    tree(tmp_path, "src/A.sol", "one/X.sol", "two/X.sol", **{"foundry.toml": toml})
    assert leads(tmp_path, "@x/X.sol") == found


def test_remappings_of_libraries_count_inside_of_them(tmp_path: Path) -> None:
    deep = "lib/outer/lib/inner"
    texts = {
        "foundry.toml": "",
        "lib/outer/remappings.txt": "dep/=lib/inner/v1/",
        "lib/other/foundry.toml": '[profile.default]\nremappings = ["dep/=v2/"]',
    }
    names = (f"{deep}/v1/D.sol", "lib/other/v2/D.sol", "lib/other/O.sol", "lib/outer/src/T.sol")
    tree(tmp_path, "src/A.sol", *names, **texts)
    assert leads(tmp_path, "dep/D.sol", "lib/outer/src/T.sol") == f"{deep}/v1/D.sol"
    assert leads(tmp_path, "dep/D.sol", "lib/other/O.sol") == "lib/other/v2/D.sol"
    assert leads(tmp_path, "outer/T.sol") == "lib/outer/src/T.sol"
    assert leads(tmp_path, "outer/src/T.sol") == "lib/outer/src/T.sol"
    tree(tmp_path, "mine/D.sol", **{"remappings.txt": "dep/=mine/"})
    assert leads(tmp_path, "dep/D.sol") == "mine/D.sol"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("brownie-config.yaml", 'compiler:\n  solc:\n    remappings:\n      - "@x=deps/x"\n'),
        ("ape-config.yaml", "solidity:\n  import_remapping:\n    - '@x=deps/x'  # ours\n"),
        ("foundry.toml", 'profile = 7\nremappings = ["@x=nothing"]'),
        ("remappings.txt", "@x=deps/x\n\n//"),
    ],
)
def test_configurations_are_read_and_never_run(name: str, text: str, tmp_path: Path) -> None:
    tree(tmp_path, "contracts/A.sol", "deps/x/X.sol", **{name: text})
    found = leads(tmp_path, "@x/X.sol", "contracts/A.sol")
    assert found == (None if name == "foundry.toml" else "deps/x/X.sol")


def test_packages_are_found_where_npm_and_pnpm_put_them(tmp_path: Path) -> None:
    exports = {"exports": {"./*.sol": {"default": "./build/*.sol"}, "./out.sol": "../../../s.sol"}}
    texts = {
        "package.json": '{"workspaces": ["packages/*"]}',
        "packages/a/package.json": "{}",
        "node_modules/shut/package.json": json.dumps(exports),
    }
    names = (
        "packages/a/contracts/A.sol",
        "node_modules/@oz/c/X.sol",
        "node_modules/shut/build/Y.sol",
        "node_modules/.pnpm/q@1/node_modules/q/Q.sol",
        "node_modules/.pnpm/q@1/node_modules/r/R.sol",
    )
    tree(tmp_path, *names, **texts)
    (tmp_path / "packages/a/node_modules").mkdir()
    stored = tmp_path / "node_modules/.pnpm/q@1/node_modules/q"
    (tmp_path / "packages/a/node_modules/q").symlink_to(stored)
    (tmp_path.parent / "s.sol").touch()
    importer = "packages/a/contracts/A.sol"
    assert leads(tmp_path, "@oz/c/X.sol", importer) == "node_modules/@oz/c/X.sol"
    assert leads(tmp_path, "shut/Y.sol", importer) == "node_modules/shut/build/Y.sol"
    assert leads(tmp_path, "shut/out.sol", importer) is None
    assert leads(tmp_path, "q/Q.sol", importer) == names[3]
    assert leads(tmp_path, "r/R.sol", names[3]) == names[4]
    assert leads(tmp_path, "r/R.sol", importer) is None


def test_a_package_by_itself_does_not_reach_above_its_folder(tmp_path: Path) -> None:
    texts = {"package.json": "{}", "inner/package.json": "{}"}
    tree(tmp_path, "inner/A.sol", "node_modules/x/X.sol", **texts)
    assert leads(tmp_path, "x/X.sol", "inner/A.sol") is None


def test_targets_of_remappings_stay_in_the_project(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    (tmp_path / "s.sol").touch()
    tree(inner, "src/A.sol", **{"remappings.txt": f"@x/=../\n@y/={tmp_path}/\n"})
    assert leads(inner, "@x/s.sol") is None
    assert leads(inner, "@y/s.sol") is None


OTHERS = {
    "tests": ("test/A.sol", "src/tests/B.sol", "src/A.t.sol"),
    "scripts": ("script/D.sol", "src/D.s.sol"),
    "mocks": ("src/mocks/M.sol",),
    "libraries": ("lib/x/src/X.sol", "lib/x/test/X.sol"),
}


def names(
    root: Path, folder: str = "", *, everything: bool = False
) -> tuple[set[str], dict[str, int]]:
    found = survey([root / folder], everything=everything)
    return {path.relative_to(root).as_posix() for path in found.paths}, dict(found.passed)


@pytest.mark.parametrize("mark", ["foundry.toml", "hardhat.config.ts", "brownie-config.yaml"])
def test_a_projects_own_sources_are_scanned_and_the_others_counted(
    mark: str, tmp_path: Path
) -> None:
    tree(tmp_path, mark, "src/A.sol", *(name for each in OTHERS.values() for name in each))
    assert names(tmp_path) == ({"src/A.sol"}, {kind: len(each) for kind, each in OTHERS.items()})
    every, passed = names(tmp_path, everything=True)
    assert (len(every), passed) == (9, {})


def test_where_no_build_tool_is_at_work_all_is_scanned(tmp_path: Path) -> None:
    tree(tmp_path, "package.json", "src/A.sol", *(n for each in OTHERS.values() for n in each))
    assert len(names(tmp_path)[0]) == 9


def test_what_is_named_is_scanned(tmp_path: Path) -> None:
    tree(tmp_path, "foundry.toml", "src/A.sol", *(n for each in OTHERS.values() for n in each))
    assert names(tmp_path, "test")[0] == {"test/A.sol"}
    assert names(tmp_path, "src/mocks")[0] == {"src/mocks/M.sol"}
    assert names(tmp_path, "lib/x")[0] == {"lib/x/src/X.sol"}
    assert names(tmp_path, "src")[0] == {"src/A.sol"}


def test_a_project_with_nothing_else_is_scanned_whole(tmp_path: Path) -> None:
    tree(tmp_path, "foundry.toml", "test/A.sol", "test/B.t.sol")
    assert names(tmp_path) == ({"test/A.sol", "test/B.t.sol"}, {})


def test_folders_that_the_configuration_names_count(tmp_path: Path) -> None:
    toml = '[profile.default]\nsrc="code"\ntest="checks"\nscript="jobs"\nlibs=["vendor"]'
    config = {"foundry.toml": toml, ".gitmodules": '[submodule "a"]\n\tpath = ext/a\n'}
    tree(tmp_path, "code/A.sol", "checks/B.sol", "jobs/C.sol", "vendor/v/V.sol", **config)
    tree(tmp_path, "ext/a/E.sol", "dependencies/d/D.sol", "code/lib/Own.sol")
    own, passed = names(tmp_path)
    assert own == {"code/A.sol", "code/lib/Own.sol"}
    assert passed == {"tests": 1, "scripts": 1, "libraries": 3}


def test_projects_beside_each_other_each_have_their_own(tmp_path: Path) -> None:
    tree(tmp_path, "a/foundry.toml", "a/src/A.sol", "a/test/T.sol", "b/test/B.sol")
    own, passed = names(tmp_path)
    assert own == {"a/src/A.sol", "b/test/B.sol"}
    assert passed == {"tests": 1}


def test_bytecode_that_a_package_ships_beside_its_sources_is_passed_over(tmp_path: Path) -> None:
    tree(tmp_path, "package.json", "contracts/A.sol", "bytecode/A.bin", "bytecode/B.hex")
    assert names(tmp_path) == ({"contracts/A.sol"}, {"compiled code": 2})
    every, passed = names(tmp_path, everything=True)
    assert (len(every), passed) == (3, {})
    assert survey([tmp_path / "bytecode" / "A.bin"]).paths == [tmp_path / "bytecode" / "A.bin"]


def test_where_a_package_has_nothing_but_mocks_these_are_scanned(tmp_path: Path) -> None:
    tree(tmp_path, "package.json", "foundry.toml", "mocks/A.sol", "bytecode/A.bin")
    assert names(tmp_path) == ({"mocks/A.sol"}, {"compiled code": 1})


def test_an_installed_package_needs_no_manifest(tmp_path: Path) -> None:
    root = tmp_path / "node_modules" / "a"
    tree(root, "A.sol", "A.bin")
    assert names(root) == ({"A.sol"}, {"compiled code": 1})


@pytest.mark.parametrize("files", [["A.sol", "B.bin"], ["package.json", "A.bin", "B.hex"]])
def test_bytecode_of_no_package_or_without_sources_is_scanned(
    files: list[str], tmp_path: Path
) -> None:
    tree(tmp_path, *files)
    found, passed = names(tmp_path)
    assert (len(found), passed) == (2, {})
