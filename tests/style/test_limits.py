"""House rules in numbers: file and function length, exports, names, leftovers."""

import ast
import re
from pathlib import PurePosixPath

import pytest
from tests.style.tree import PACKAGES, kept_files, python_files, text, tree

BANNED_STEMS = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "handler"}
MAX_EXPORTS = 10
MAX_FUNCTION_LINES = 40


def _line_limit(name: str) -> int:
    return 400 if name.startswith("tests/") else 300


@pytest.mark.parametrize("name", python_files())
def test_python_file_is_short_enough(name: str) -> None:
    assert len(text(name).splitlines()) <= _line_limit(name)


def test_solidity_files_are_short_enough() -> None:
    sources = [name for name in kept_files() if name.endswith(".sol")]
    long = {n: len(text(n).splitlines()) for n in sources}
    assert {n: lines for n, lines in long.items() if lines > 300} == {}


@pytest.mark.parametrize("name", python_files())
def test_functions_are_short_enough(name: str) -> None:
    long = {
        f"{name}:{node.lineno} {node.name}": _length(node)
        for node in ast.walk(tree(name))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and _length(node) > MAX_FUNCTION_LINES
    }
    assert long == {}


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the end without the docstring, which explains rather than does."""
    lines = (node.end_lineno or node.lineno) - node.lineno + 1
    first = node.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert [name for name in kept_files() if PurePosixPath(name).stem in BANNED_STEMS] == []


@pytest.mark.parametrize("name", [n for n in python_files(*PACKAGES) if n.endswith("__init__.py")])
def test_package_exports_at_most_ten_names(name: str) -> None:
    exports = _exports(tree(name))
    assert len(exports) <= MAX_EXPORTS
    assert len(exports) == len(set(exports))


def _exports(module: ast.Module) -> list[str]:
    for node in module.body:
        if isinstance(node, ast.Assign) and _is_all(node.targets[0]):
            return list(ast.literal_eval(node.value))
    return []


def _is_all(target: ast.expr) -> bool:
    return isinstance(target, ast.Name) and target.id == "__all__"


@pytest.mark.parametrize("name", python_files(*PACKAGES))
def test_every_module_and_public_function_has_a_docstring(name: str) -> None:
    module = tree(name)
    missing = [] if ast.get_docstring(module) else [f"{name}: module"]
    missing += [
        f"{name}:{node.lineno} {node.name}"
        for scope in _public_scopes(module)
        for node in scope.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not _inherits_its_docstring(node)
        and not ast.get_docstring(node)
    ]
    assert missing == []


def _public_scopes(module: ast.Module) -> list[ast.Module | ast.ClassDef]:
    classes = [node for node in module.body if isinstance(node, ast.ClassDef)]
    return [module, *(node for node in classes if not node.name.startswith("_"))]


def _inherits_its_docstring(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    names = {ast.unparse(each).split("(")[0].split(".")[-1] for each in node.decorator_list}
    return bool(names & {"overload", "override", "setter"})


# Spelled apart so that this file does not name itself.
_LEFTOVER = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")


def test_no_leftovers() -> None:
    sources = [n for n in kept_files() if n.endswith((".py", ".sol", ".md", ".toml", ".js", ".sh"))]
    found = [
        f"{name}:{number}"
        for name in sources
        for number, line in enumerate(text(name).splitlines(), 1)
        if _LEFTOVER.search(line)
    ]
    assert found == []


_MARKS = {f"pytest.mark.{mark}" for mark in ("skip", "skipif", "xfail")}


@pytest.mark.parametrize("name", python_files("tests"))
def test_no_test_is_skipped_or_expected_to_fail_without_a_reason(name: str) -> None:
    nodes = list(ast.walk(tree(name)))
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    silent = [f"{name}:{call.lineno}" for call in calls if _hides_a_test(call)]
    called = {id(call.func) for call in calls}
    silent += [
        f"{name}:{node.lineno}"
        for node in nodes
        if isinstance(node, ast.Attribute) and id(node) not in called
        if ast.unparse(node) in _MARKS
    ]
    assert silent == []


def _hides_a_test(call: ast.Call) -> bool:
    """Say whether this is a skip or an expected failure that gives no reason."""
    called = ast.unparse(call.func)
    if called in _MARKS:
        return not any(keyword.arg == "reason" for keyword in call.keywords)
    return called in {"pytest.skip", "pytest.xfail"} and not (call.args or call.keywords)
