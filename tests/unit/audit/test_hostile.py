"""Hostile source: deep, long, circular, outside. A scan ends soon and says what it left out."""

from pathlib import Path

import pytest

from diptych.audit.catalogue import installed_rules
from diptych.audit.scan import Report, scan_files

N = 1_000
HEAD = "contract C { uint x; uint[] a; modifier m() { require(x > 0); _; } modifier w() { _; _; }"


def scanned(path: Path) -> Report:
    report = scan_files([path], installed_rules())
    for file in report.files:
        for reason in file.reasons:
            assert " in the graph" not in reason
            assert not reason.startswith("rule ")
    return report


def body(text: str, modifiers: str = "") -> str:
    return f"{HEAD} function f(uint p) public {modifiers} returns (uint) {{ {text} }} }}"


def chain(length: int) -> str:
    """Return contracts that each derive from the one before and call up to it."""
    return "\n".join(
        f"contract C{i} {f'is C{i - 1}' if i else ''} {{ uint y{i}; function g() public virtual"
        f" {{ y{i} = 1; {'super.g();' if i else ''} }} }}"
        for i in range(length)
    )


def doubling(length: int) -> str:
    """Return functions that each call the one before twice."""
    calls = "".join(
        f"function g{i}() internal {{ g{i - 1}(); g{i - 1}(); }}" for i in range(1, length)
    )
    return f"contract C {{ function g0() internal {{}} {calls} function f() public {{ g99(); }} }}"


SOURCES = {
    "parentheses": body(f"x = {'(' * N}1{')' * N};"),
    "operators": body(f"x = {'p + ' * N}1;"),
    "assignments": body(f"{'x = ' * N}1;"),
    "conditionals": body(f"x = {'p > 1 ? 2 : ' * N}3;"),
    "mixed": body(f"x = {'(- - a[x = p > 1 ? ' * N}1{']:2)' * N};"),
    "signs": body(f"x = {'- ' * N}1;"),
    "blocks": body("{" * N + "x = 1;" + "}" * N),
    "branches": body("if (p > 1) { x = 1; } else " * N + "x = 2;"),
    "brackets": body(f"x = {'a[' * N}1{']' * N};"),
    "assembly": body(f"assembly {{ {'if 1 {' * N} sstore(0, 1) {'}' * N} }}"),
    "modifiers": body("x = 1;", "m " * N),
    "placeholders": body("x = 1;", "w " * 60),
    "types": f"contract C {{ {'mapping(uint => ' * N} uint {')' * N} m; }}",
    "inheritance": chain(150),
    "calls": doubling(110),
    "never closed": "contract C {" * N,
    "numbers": body(f"x = 2**2**2**99999; x = 1e999999999; x = 1 << 9999999999; x = {'9' * N};"),
    "one line": f"contract C {{ uint a{', a' * 100_000}; }}",
    "circle": "contract A is B {} contract B is C {} contract C is A { function f() public {} }",
    "marks": "contract C { function f() public {} } // " + "\u202e" * 5_000,
}


@pytest.mark.parametrize("kind", SOURCES)
def test_a_scan_ends_without_a_fault_of_ours(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "a.sol"
    path.write_text(SOURCES[kind], encoding="utf-8")
    assert scanned(path).files[0].lines > 0


def test_what_is_too_deep_is_marked_and_the_rest_is_still_found(tmp_path: Path) -> None:
    path = tmp_path / "a.sol"
    fault = "contract D { function f() public { selfdestruct(payable(msg.sender)); } }"
    path.write_text(f"{SOURCES['parentheses']}\n{fault}", encoding="utf-8")
    report = scanned(path)
    assert "unprotected-selfdestruct" in {finding.rule.id for finding in report.findings}
    assert any("nested too deeply" in reason for reason in report.files[0].reasons)


def test_imports_in_a_circle_and_of_oneself_end(tmp_path: Path) -> None:
    (tmp_path / "a.sol").write_text('import "./b.sol"; import "./a.sol"; contract A is B {}')
    (tmp_path / "b.sol").write_text('import "./a.sol"; contract B is A {}')
    report = scanned(tmp_path / "a.sol")
    assert [file.reasons for file in report.files] == [()]


@pytest.mark.parametrize(
    "said", ["../secret.sol", "../../../../../../etc/passwd", "/etc/passwd", "link.sol", "x" * 9000]
)
def test_an_import_never_leads_out_of_the_project(said: str, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "foundry.toml").touch()
    (tmp_path / "secret.sol").write_text("contract Secret {}")
    (project / "link.sol").symlink_to(tmp_path / "secret.sol")
    (project / "a.sol").write_text(f'import "{said}"; contract A {{}}')
    (report,) = scanned(project / "a.sol").files
    assert any("is not there" in reason for reason in report.reasons)
