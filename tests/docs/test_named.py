"""Whatever a user can type, set, meet or call is named in the documentation."""

import json
import re

import click
import pytest
from docs.generate import PAGES, commands, error_classes, rendered
from tests.style.tree import ROOT, kept_files, text


def _joined(pattern: str) -> str:
    return "\n".join(text(name) for name in kept_files() if re.fullmatch(pattern, name))


DOCS = _joined(r"docs/.+\.md|README\.md")
WRITTEN = _joined(r"docs/[^/]+\.md|docs/packages/.+\.md|README\.md")
COMMANDS = {name: command for name, command, _ in commands()}
ARTEFACTS = [name for name in kept_files() if re.fullmatch(r"src/diptych/contracts/.+\.json", name)]


def _named(word: str, documents: str) -> bool:
    return re.search(rf"(?<![\w.-]){re.escape(word)}(?![\w-])", documents) is not None


@pytest.mark.parametrize("name", COMMANDS)
def test_command_is_documented_and_has_help(name: str) -> None:
    assert COMMANDS[name].help
    assert _named(name, DOCS)


@pytest.mark.parametrize("name", [name for name in COMMANDS if name.count(" ") == 1])
def test_command_is_explained_outside_the_generated_pages(name: str) -> None:
    assert _named(name, WRITTEN)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_has_help_and_every_leaf_speaks_json(name: str) -> None:
    command = COMMANDS[name]
    options = [option for option in command.params if isinstance(option, click.Option)]
    assert [option.name for option in options if not option.help] == []
    if not isinstance(command, click.Group):
        assert "--json" in {flag for option in options for flag in option.opts}


def test_help_in_the_catalogue_is_the_help_of_the_command() -> None:
    from diptych.app.cli.catalogue import COMMANDS as CATALOGUE

    different = {
        name: (place.help, COMMANDS[f"diptych {name}"].help)
        for name, place in CATALOGUE.items()
        if not (COMMANDS[f"diptych {name}"].help or "").startswith(place.help.removesuffix("."))
    }
    assert different == {}


def test_every_error_code_is_documented() -> None:
    assert [kind.code for kind in error_classes() if not _named(kind.code, DOCS)] == []


def test_every_setting_and_its_variable_is_documented() -> None:
    from diptych.core.settings import PREFIX, load_settings

    _, rows = load_settings(environ={})
    variables = [PREFIX + row.name.upper().replace(".", "__") for row in rows]
    assert [name for name in variables if not _named(name, DOCS)] == []
    assert [row.name for row in rows if not _named(row.name, DOCS)] == []


@pytest.mark.parametrize("name", ARTEFACTS)
def test_contract_and_its_events_and_errors_are_documented(name: str) -> None:
    artefact = json.loads((ROOT / name).read_bytes())
    abi = artefact["abi"] if isinstance(artefact, dict) else []
    words = [entry["name"] for entry in abi if entry["type"] in {"event", "error", "function"}]
    assert words
    assert [word for word in words if not _named(word, WRITTEN)] == []


@pytest.mark.parametrize("page", PAGES)
def test_generated_page_is_current(page: str) -> None:
    assert text(f"docs/reference/{page}") == rendered(page), "run: make docs"
