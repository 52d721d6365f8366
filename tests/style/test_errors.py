"""The error tree: one root, unique stable codes, one-line docstrings, known exit codes."""

import ast
import re
from collections import Counter

import pytest
from docs.generate import error_classes
from tests.style.tree import PACKAGES, python_files, tree

from diptych_verify.errors import DiptychError

CODE = re.compile(r"[A-Z][A-Za-z0-9]*\.[A-Z][A-Za-z0-9]*")
ERRORS = error_classes()
# An exception that only steers code inside a package has an underscore or says so in this phrase.
STEERS = "never leaves this package"
BUILT_IN = ("Exception", "BaseException", "ValueError", "RuntimeError", "OSError", "KeyError")


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__qualname__)
class TestErrorClass:
    def test_code_is_family_and_rule(self, kind: type[DiptychError]) -> None:
        assert CODE.fullmatch(kind.code)

    def test_class_states_its_own_code(self, kind: type[DiptychError]) -> None:
        assert "code" in vars(kind)

    def test_docstring_is_its_own_and_starts_with_one_sentence(
        self, kind: type[DiptychError]
    ) -> None:
        first = (vars(kind).get("__doc__") or "").strip().split("\n\n")[0]
        assert first
        assert first.endswith((".", ")"))

    def test_exit_code_is_documented(self, kind: type[DiptychError]) -> None:
        assert kind.exit_code in {1, 2, 3}

    def test_json_form_names_the_code(self, kind: type[DiptychError]) -> None:
        shown = DiptychError.to_json(_without_init(kind))
        assert shown["code"] == kind.code


def _without_init(kind: type[DiptychError]) -> DiptychError:
    error = kind.__new__(kind)
    DiptychError.__init__(error, "got 1, expected 2", hint="diptych status")
    return error


def test_codes_are_unique() -> None:
    counted = Counter(kind.code for kind in ERRORS)
    assert {code: count for code, count in counted.items() if count > 1} == {}


@pytest.mark.parametrize("name", python_files(*PACKAGES))
def test_no_public_error_stands_outside_the_tree(name: str) -> None:
    strays = [
        f"{name}:{node.lineno} {node.name}"
        for node in ast.walk(tree(name))
        if isinstance(node, ast.ClassDef)
        and not node.name.startswith("_")
        and node.name != "DiptychError"
        and any(ast.unparse(base) in BUILT_IN for base in node.bases)
        and STEERS not in (ast.get_docstring(node) or "")
    ]
    assert strays == []
