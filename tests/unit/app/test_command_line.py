"""The command line as a whole: help, `--json`, `-C`, completion, settings, exit codes."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from tests.unit.app.program import PASSPHRASE, Program

from diptych.app.cli import cli
from diptych.app.cli.catalogue import COMMANDS, DOORS


def _commands(group: click.Group, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        if isinstance(command, click.Group):
            yield from _commands(command, (*words, name))
        else:
            yield (*words, name)


ALL = tuple(_commands(cli))


def _find(words: tuple[str, ...]) -> click.Command:
    command: click.Command | None = cli
    for word in words:
        assert isinstance(command, click.Group)
        command = command.get_command(click.Context(command), word)
    assert command is not None
    return command


@pytest.mark.parametrize("name", COMMANDS)
def test_the_catalogue_says_what_the_command_says(name: str) -> None:
    command = _find((name,))
    assert command.help is not None
    assert command.help.startswith(COMMANDS[name].help.rstrip("."))
    assert COMMANDS[name].door in DOORS


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_every_command_has_help_json_and_folder(words: tuple[str, ...], program: Program) -> None:
    options = {one for param in _find(words).params for one in param.opts}
    assert {"--json", "-C", "--folder"} <= options
    ran = program(*words, "--help")
    assert ran.code == 0
    assert ran.out.startswith(f"Usage: diptych {' '.join(words)} ")


def test_help_lists_every_command_behind_its_door(program: Program) -> None:
    ran = program("--help")
    assert ran.code == 0
    assert [name for name in COMMANDS if f"\n  {name} " not in ran.out] == []
    assert "Prove: data, models and who made them:" in ran.out


def test_help_imports_none_of_the_commands() -> None:
    code = (
        "import sys\nfrom diptych.app.cli import cli\ncli(['--help'], standalone_mode=False)\n"
        "print(*[n for n in sys.modules if n.startswith('diptych.app.')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    modules = {place.target.partition(":")[0] for place in COMMANDS.values()}
    assert modules.isdisjoint(done.stdout.splitlines()[-1].split())


def test_the_version_is_told(program: Program) -> None:
    ran = program("--version")
    assert (ran.code, ran.out.strip()) == (0, "0.1.0")


@pytest.mark.parametrize(
    "words",
    [
        ("nosuch",),
        ("seal",),
        ("seal", "--nosuch"),
        ("seal", "a", "b"),
        ("log", "-n", "0"),
        ("log", "-n", "many"),
        ("key", "add", "--algorithm", "rsa"),
        ("completion", "csh"),
        ("chain",),
        ("chain", "add", "onlyname"),
    ],
    ids=" ".join,
)
def test_a_wrong_command_line_is_a_usage_error_in_both_forms(
    program: Program, words: tuple[str, ...]
) -> None:
    told = program(*words)
    assert (told.code, told.out) == (2, "")
    assert "Usage: diptych" in told.err
    shown = program.refused(*words, code=2)
    assert shown["code"] == "Usage.Error"


def test_without_a_workspace_the_next_command_is_named(program: Program) -> None:
    for words in (("seal", "x"), ("log",), ("status",), ("verify",), ("anchor",), ("key", "list")):
        shown = program.refused(*words, code=2)
        assert (shown["code"], shown["hint"]) == ("Workspace.Missing", "diptych init")


def test_text_errors_go_to_stderr_with_code_and_hint(program: Program) -> None:
    ran = program("log")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("error [Workspace.Missing]: no workspace at ")
    assert ran.err.endswith("hint: diptych init\n")


def test_init_makes_a_workspace_once(program: Program) -> None:
    ran = program("init")
    assert ran.code == 0
    assert ran.out.startswith("workspace ready: diptych.log/")
    home = program.folder / ".diptych"
    exposed = [p for p in (home / "private").rglob("*") if p.is_file() and p.stat().st_mode & 0o077]
    assert exposed == []
    again = program.refused("init", code=2)
    assert again["code"] == "Workspace.Exists"
    assert list(program.folder.iterdir()) == [home]


@pytest.mark.parametrize("make", ["file", "link loop", "dangling link"])
def test_init_refuses_whatever_stands_there(program: Program, make: str) -> None:
    home = program.folder / ".diptych"
    if make == "file":
        home.write_text("x")
    else:
        home.symlink_to(".diptych" if make == "link loop" else "nowhere")
    assert program.refused("init", code=2)["code"] == "Workspace.Exists"
    assert list(program.folder.iterdir()) == [home]


def test_init_without_a_passphrase_leaves_nothing(program: Program) -> None:
    del program.environ["DIPTYCH_KEYS__PASSPHRASE"]
    shown = program.refused("init", code=2)
    assert shown["code"] == "Key.Locked"
    assert "DIPTYCH_KEYS__PASSPHRASE" in shown["hint"]
    assert list(program.folder.iterdir()) == []


def test_init_with_an_ethereum_key(program: Program) -> None:
    made = program.ok("init", "--key", "secp256k1")
    assert made["keyid"].startswith("secp256k1:")
    (program.folder / "f").write_text("x")
    program.ok("seal", "f")
    answers = {a["question"]: a["status"] for a in program.ok("verify", "f")["answers"]}
    assert answers["who"] == "proven"


def test_commands_work_from_below_and_from_elsewhere(book: Program, tmp_path: Path) -> None:
    below = book.folder / "study"
    sealed = book.ok("seal", "-C", str(below), "a.csv")
    assert sealed["name"] == "study/a.csv"
    away = Program(tmp_path, book.environ, book.captured, book.patch)
    assert away.ok("status", "-C", str(book.folder))["paths"][0]["name"] == "study/a.csv"
    shown = away.refused("status", "-C", str(tmp_path / "nowhere"), code=2)
    assert shown["code"] == "Usage.NoFolder"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(program: Program, shell: str) -> None:
    ran = program("completion", shell)
    assert ran.code == 0
    assert "_DIPTYCH_COMPLETE" in ran.out
    assert program.ok("completion", shell)["script"] == ran.out[:-1]


def test_the_shell_completes_commands_and_options() -> None:
    def complete(words: str) -> set[str]:
        environ = {"_DIPTYCH_COMPLETE": "bash_complete", "COMP_WORDS": words}
        environ["COMP_CWORD"] = str(len(words.split()) - (not words.endswith(" ")))
        done = subprocess.run(
            ["diptych"], env={**os.environ, **environ}, capture_output=True, text=True, check=False
        )
        return {line.partition(",")[2] for line in done.stdout.splitlines()}

    assert complete("diptych se") == {"seal"}
    assert {"--private", "--store"} <= complete("diptych seal --")
    assert complete("diptych chain do") == {"down", "doctor"}


def test_config_shows_values_with_their_origin_and_masks_secrets(book: Program) -> None:
    (book.folder / ".diptych" / "diptych.toml").write_text("[seal]\nworkers = 3\n")
    rows = book.ok("config")
    assert rows["seal.workers"]["value"] == "3"
    assert rows["seal.workers"]["origin"].endswith("diptych.toml")
    assert rows["keys.passphrase"] == {"value": "********", "origin": "environment"}
    assert rows["chain.profile"] == {"value": "embedded", "origin": "default"}
    text = book("config")
    assert text.code == 0
    assert PASSPHRASE not in text.out + text.err + json.dumps(rows)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DIPTYCH_SEAL__COLOUR", "red"),
        ("DIPTYCH_COLOUR", "red"),
        ("DIPTYCH_SEAL__WORKERS", "many"),
        ("DIPTYCH_SEAL__WORKERS", "0"),
        ("DIPTYCH_SEAL__DIGEST", "md5"),
        ("DIPTYCH_KEYS__SCRYPT_LOG2_N", "63"),
    ],
)
def test_a_wrong_environment_is_refused_by_every_command(
    book: Program, name: str, value: str
) -> None:
    book.environ[name] = value
    for words in (("config",), ("log",), ("seal", "study"), ("chain", "status")):
        assert book.refused(*words, code=2)["code"] == "Config.BadSetting"


@pytest.mark.parametrize(
    "text",
    ["[seal", "seal = 1", "[seal]\ncolour = 1", "[paint]\nred = 1", "[keys]\npassphrase = 'x'"],
)
def test_a_wrong_settings_file_is_refused(book: Program, text: str) -> None:
    (book.folder / ".diptych" / "diptych.toml").write_text(text)
    assert book.refused("log", code=2)["code"] == "Config.BadSetting"


def test_settings_that_are_no_text_file_are_refused(book: Program) -> None:
    path = book.folder / ".diptych" / "diptych.toml"
    path.write_bytes(b"\xff\xfe\x00")
    assert book.refused("log", code=2)["code"] == "Config.BadSetting"
    path.unlink()
    path.mkdir()
    assert book.refused("log", code=2)["code"] == "Config.BadSetting"
