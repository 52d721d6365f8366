"""No committed file names a package registry's host or a path of somebody's machine."""

import json
import re
import tomllib

import pytest
from tests.style.tree import ROOT, kept_files, text

# Spelled apart so that this file does not name what it bans.
REGISTRIES = (
    *("pypi" + ".org", "python" + "hosted.org", "npm" + "js.org", "npm" + "js.com"),
    *("yarn" + "pkg.com", "npm" + "mirror.com", "deb.deb" + "ian.org"),
)
_FOLDERS = ("wo" + "rk", "ro" + "ot", "fa" + "rm", r"home/\w+", r"Us" + r"ers/\w+")
MACHINE = re.compile(rf"(?<![\w.~$}})-])/(?:{'|'.join(_FOLDERS)})/")
LOCKS = [name for name in kept_files() if name.startswith("requirements/")]
NPM_LOCKS = [name for name in kept_files() if name.endswith("package-lock.json")]


def _lines_with(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{number}"
        for name in kept_files()
        for number, line in enumerate(text(name).splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_file_names_a_registry_host() -> None:
    assert _lines_with(re.compile("|".join(map(re.escape, REGISTRIES)))) == []


def test_no_file_names_a_path_of_a_machine() -> None:
    assert _lines_with(MACHINE) == []


@pytest.mark.parametrize(
    ("line", "named"),
    [("see /wo" + "rk/main/x", True), ("src/wo" + "rk/x", False), ("a ~/wo" + "rk/x", False)],
)
def test_machine_paths_are_told_from_others(line: str, named: bool) -> None:
    assert bool(MACHINE.search(line)) is named


@pytest.mark.parametrize("name", LOCKS)
class TestRequirementsLock:
    def test_holds_only_pins_hashes_and_comments(self, name: str) -> None:
        allowed = re.compile(
            r"#.*|\s+#.*|[a-z0-9-]+==[\w.!+-]+( ;.*)? \\|\s+--hash=sha256:[0-9a-f]{64}( \\)?"
        )
        assert [line for line in text(name).splitlines() if not allowed.fullmatch(line)] == []

    def test_every_pin_has_a_hash_and_no_local_version(self, name: str) -> None:
        entries = re.split(r"\n(?=[a-z])", text(name).split("\n", 2)[2])
        assert entries
        assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
        assert [entry for entry in entries if "+" in entry.split(" ", 1)[0]] == []


def test_locks_pin_every_declared_dependency() -> None:
    declared = tomllib.loads(text("pyproject.toml"))
    needed: list[str] = declared["project"]["dependencies"]
    extras: dict[str, list[str]] = declared["project"]["optional-dependencies"]
    groups: dict[str, list[str | dict[str, str]]] = declared["dependency-groups"]
    grouped = [line for group in groups.values() for line in group if isinstance(line, str)]
    assert _names(needed) <= _pinned("requirements/run.lock")
    optional = [line for extra in extras.values() for line in extra]
    assert _names([*needed, *optional, *grouped]) <= _pinned("requirements/dev.lock")
    assert _names(extras["node"]) <= _pinned("requirements/node.lock")


def test_test_lock_extends_the_run_lock_without_another_version() -> None:
    run, dev = (_pins(f"requirements/{name}.lock") for name in ("run", "dev"))
    assert run - dev == set()


def _pins(name: str) -> set[str]:
    return {
        line.split(" ")[0] for line in text(name).splitlines() if re.match(r"[a-z0-9-]+==", line)
    }


def _pinned(name: str) -> set[str]:
    return {pin.split("==")[0] for pin in _pins(name)}


def _names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=!~ ;]", line)[0].lower().replace("_", "-") for line in requirements}


@pytest.mark.parametrize("name", NPM_LOCKS)
def test_npm_lock_names_no_address_and_every_package_has_a_digest(name: str) -> None:
    packages = json.loads((ROOT / name).read_bytes())["packages"]
    others = {path: entry for path, entry in packages.items() if path and not entry.get("link")}
    assert others
    assert [path for path, entry in others.items() if "resolved" in entry] == []
    assert [path for path, entry in others.items() if "integrity" not in entry] == []
