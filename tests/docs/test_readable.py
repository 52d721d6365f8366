"""Documents hold together: links lead somewhere, commands exist, doctests and examples run."""

import doctest
import importlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest
from docs.generate import commands, modules
from tests.style.tree import ROOT, kept_files, text

MARKDOWN = [name for name in kept_files() if name.endswith(".md")]
EXAMPLES = [name for name in kept_files() if re.fullmatch(r"examples/[^/]+\.py", name)]
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.M | re.S)
_ANCHOR = re.compile(r"[^\w\- ]")


@pytest.mark.parametrize("name", MARKDOWN)
def test_relative_links_lead_somewhere(name: str) -> None:
    without_code = _FENCE.sub("", text(name))
    broken = []
    for link in _LINK.findall(without_code):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (ROOT / name).parent / path if path else ROOT / name
        if not target.exists() or (anchor and anchor not in _anchors(target)):
            broken.append(link)
    assert broken == []


def _anchors(target: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.M)
    return {_ANCHOR.sub("", heading.lower()).replace(" ", "-") for heading in headings}


def _typed_commands(name: str) -> list[str]:
    """Return the `$ diptych …` lines of a document's code blocks."""
    blocks = [body for _, body in _FENCE.findall(text(name))]
    lines = [line.strip() for body in blocks for line in body.splitlines()]
    return [line.removeprefix("$ ") for line in lines if line.startswith("$ diptych")]


KNOWN = {full: command for full, command, _ in commands()}


@pytest.mark.parametrize("name", [name for name in MARKDOWN if _typed_commands(name)])
def test_commands_shown_in_documents_exist_with_their_options(name: str) -> None:
    assert [line for line in _typed_commands(name) if not _exists(line)] == []


def _exists(line: str) -> bool:
    """Say whether a typed line names a command of ours and only options that it has."""
    words = re.split(r"[|;>&#]", line)[0].split()
    full = max((n for n in KNOWN if words[: n.count(" ") + 1] == n.split()), key=len, default="")
    if not full:
        return False
    used = {word.split("=")[0] for word in words if re.match(r"--?[a-zA-Z]", word)}
    flags = {flag for each in KNOWN[full].params for flag in (*each.opts, *each.secondary_opts)}
    command = KNOWN[full]
    group = isinstance(command, click.Group) and not command.invoke_without_command
    unfinished = group and not used
    return not unfinished and used <= flags | {"--help", "-h", "--version"}


@pytest.mark.parametrize(
    "line", ["diptych paint", "diptych", "diptych config --colour", "diptychs"]
)
def test_a_command_that_does_not_exist_is_noticed(line: str) -> None:
    assert not _exists(line)


def test_the_front_page_is_short() -> None:
    assert len(text("README.md").splitlines()) <= 150


@pytest.mark.parametrize("name", [name for name in MARKDOWN if name.startswith("docs/adr/")])
def test_a_decision_fits_a_page(name: str) -> None:
    assert len(text(name).splitlines()) <= 60
    assert re.match(r"docs/adr/\d{4}-[a-z0-9-]+\.md", name)


def test_every_page_is_in_the_navigation() -> None:
    navigation = text("mkdocs.yml")
    pages = [n.removeprefix("docs/") for n in MARKDOWN if n.startswith("docs/")]
    assert [page for page in pages if page not in navigation] == []


@pytest.mark.parametrize("module", [module.__name__ for module in modules()])
def test_doctests_hold(module: str) -> None:
    assert doctest.testmod(importlib.import_module(module)).failed == 0


@pytest.mark.parametrize("name", EXAMPLES)
def test_example_is_short_and_runs(name: str, tmp_path: Path) -> None:
    assert len(text(name).splitlines()) <= 60
    done = subprocess.run(
        [sys.executable, str(ROOT / name)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_the_table_of_dependencies_is_complete() -> None:
    project = tomllib.loads(text("pyproject.toml"))
    declared: list[str] = [*project["project"]["dependencies"]]
    for lines in project["project"]["optional-dependencies"].values():
        declared += lines
    for lines in project["dependency-groups"].values():
        declared += [line for line in lines if isinstance(line, str)]
    names = {re.split(r"[\[<>=~ ;]", line)[0] for line in declared}
    names |= set(project["build-system"]["requires"][0].split(">=")[:1])
    rows = re.findall(r"^\| `([^`]+)` \|", text("docs/dependencies.md"), re.M)
    python_rows = {row for row in rows if not row.startswith("npm:")}
    assert python_rows == names
