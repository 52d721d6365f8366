"""The pre-commit hook and the Action call commands that exist, and run no input as a script."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from docs.generate import commands
from tests.style.tree import text
from tests.unit.audit.test_scan import VAULT, write

_RUN = re.compile(r"^ +run: \|\n((?:^(?: {8}.*)?\n?)+)", re.M)
_STUB = """#!/bin/sh
printf '%s|' "$@" >> "$RUNNER_TEMP/called"; echo >> "$RUNNER_TEMP/called"
exit 1
"""


def test_the_hook_names_a_command_that_exists() -> None:
    (entry,) = re.findall(r"^ +entry: (.+)$", text(".pre-commit-hooks.yaml"), re.M)
    assert entry in {name for name, _, _ in commands()}


def test_no_input_becomes_part_of_a_script() -> None:
    scripts = _RUN.findall(text("action.yml"))
    assert len(scripts) == 2
    assert not any("${{" in script for script in scripts)


@pytest.mark.skipif(shutil.which("bash") is None, reason="the Action runs in bash")
def test_the_action_passes_hostile_names_on_as_words(tmp_path: Path) -> None:
    script = "\n".join(line[8:] for line in _RUN.findall(text("action.yml"))[1].splitlines())
    program = write(tmp_path, "diptych/bin/diptych", _STUB)
    program.chmod(0o755)
    write(tmp_path, "Vault.sol", VAULT)
    given = {
        "RUNNER_TEMP": str(tmp_path),
        "GITHUB_OUTPUT": str(tmp_path / "out"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
        "AUDIT_PATHS": "a b.sol\n$(touch evil)\n--help\n\n",
        "AUDIT_FAIL_ON": "high\n60\n",
        "AUDIT_BASELINE": "",
        "AUDIT_SARIF": "x.sarif",
    }
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=tmp_path,
        env={**os.environ, **given},
        check=False,
    )
    assert done.returncode == 1
    assert not (tmp_path / "evil").exists()
    first, second = (tmp_path / "called").read_text().splitlines()
    head = "audit|scan|--fail-on|high|--fail-on|60|--format|"
    paths = "|--|a b.sol|$(touch evil)|--help|"
    assert first == f"{head}sarif|-o|x.sarif{paths}"
    assert second.startswith(f"{head}markdown|")
