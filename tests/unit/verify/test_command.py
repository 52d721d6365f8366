"""`python -m diptych_verify` in a process of its own: exit codes, output, and no network at all."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.unit.verify.chain_maker import anchor_block
from tests.unit.verify.maker import (
    FILES,
    MALLORY,
    b64,
    canonical,
    manifest_of,
    policy_of,
    sample_bundle,
    sample_log,
)
from tests.unit.verify.test_verify_answers import trust_in
from tests.unit.verify.tsp_maker import FIXTURES

from diptych_verify.__main__ import main

LOG = sample_log()
BLOCK = anchor_block(LOG)
# Fails on any socket and on any import beyond the standard library, cryptography and blake3.
ISOLATED = """
import sys, socket
before = set(sys.modules)
class Refused(ImportError): pass
def refuse(*a, **k): raise Refused("network")
socket.socket = socket.create_connection = socket.getaddrinfo = refuse
allowed = {"diptych_verify", "cryptography", "_cffi_backend", "_openssl", "blake3"}
allowed |= sys.stdlib_module_names
class Guard:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] not in allowed: raise Refused(name)
sys.meta_path.insert(0, Guard())
from diptych_verify.__main__ import main
code = main(sys.argv[1:])
foreign = {n.split(".")[0] for n in set(sys.modules) - before} - allowed
print("foreign:", sorted(foreign))
sys.exit(code)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        (tmp_path / "data" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "data" / name).write_bytes(content)
    bundle = {
        **sample_bundle(LOG),
        "manifest": b64(manifest_of(FILES)),
        "anchor": BLOCK.evidence(),
    }
    (tmp_path / "b.json").write_bytes(canonical(bundle))
    (tmp_path / "p.json").write_bytes(policy_of(**trust_in(BLOCK), require=["untampered", "when"]))
    return tmp_path


def run(folder: Path, *arguments: str, code: str = ISOLATED) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-c", code, *arguments]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )


def test_verifies_without_network_or_foreign_packages(folder: Path) -> None:
    done = run(folder, "b.json", "data", "--policy", "p.json", "--lineage")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[-1] == "foreign: []"
    assert [line.split()[0] for line in lines[1:6]] == [
        "untampered", "who", "derived_from", "when", "use",
    ]  # fmt: skip
    assert lines[1].split()[1] == "proven"
    assert "patients" in lines[0]


def test_time_stamps_verify_without_foreign_packages(folder: Path) -> None:
    code = f"""
import sys
sys.argv = ["x"]
from pathlib import Path
from diptych_verify.tsp import verify_timestamp
folder = Path({str(FIXTURES)!r})
stamp = verify_timestamp((folder / "token.der").read_bytes(),
    (folder / "message.bin").read_bytes(), authorities=[(folder / "ca.pem").read_text()])
print(stamp.trusted)
"""
    done = run(folder, code=ISOLATED.replace("code = main(sys.argv[1:])", f"{code}\ncode = 0"))
    assert done.stdout.splitlines() == ["True", "foreign: []"], done.stderr


def test_guard_itself_refuses(folder: Path) -> None:
    code = ISOLATED.replace("code = main(sys.argv[1:])", "import pydantic")
    assert "Refused: pydantic" in run(folder, code=code).stderr
    code = ISOLATED.replace("code = main(sys.argv[1:])", "socket.create_connection(('::1', 9))")
    assert "Refused: network" in run(folder, code=code).stderr


def test_a_changed_file_exits_1_and_is_named(folder: Path) -> None:
    (folder / "data/a.csv").write_bytes(b"id,age\n1,45\n")
    done = run(folder, "b.json", "data", "--policy", "p.json")
    assert done.returncode == 1
    assert "error Verify.DigestMismatch" in done.stderr
    assert "a.csv" in done.stderr
    shown = run(folder, "b.json", "data", "--json")
    error = json.loads(shown.stdout.rpartition("foreign:")[0])["error"]
    assert (error["code"], error["details"]["changed"]) == ("Verify.DigestMismatch", ["a.csv"])


def test_starts_quickly(folder: Path) -> None:
    command = [sys.executable, "-m", "diptych_verify", "b.json"]
    best = 9.0
    for _ in range(3):
        before = os.times()
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        after = os.times()
        spent = after.children_user + after.children_system
        best = min(best, spent - before.children_user - before.children_system)
    # The aim is 0.15 s on a quiet machine; the limit leaves room for a busy one.
    assert best < 0.4


def call(*arguments: str) -> int:
    return main(arguments)


def test_exit_codes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bundle, policy = str(folder / "b.json"), folder / "p.json"
    assert call(bundle, "--json") == 0
    assert json.loads(capsys.readouterr().out)["subject"] == "patients"
    assert call(bundle, "--policy", str(policy)) == 1
    assert "Verify.RequirementUnmet" in capsys.readouterr().err
    policy.write_bytes(policy_of(signers=[{"keyid": MALLORY.keyid}]))
    assert call(bundle, "--policy", str(policy)) == 1
    assert "hint:" in capsys.readouterr().err
    policy.write_bytes(b"format = 1")
    assert call(bundle, "--policy", str(policy)) == 2
    assert call(str(folder / "none.json")) == 2
    assert call(bundle, str(folder / "none")) == 2
    assert call(str(folder)) == 3
    with pytest.raises(SystemExit) as caught:
        call()
    assert caught.value.code == 2


def test_terminal_controls_in_hostile_text_are_escaped(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = json.loads((folder / "b.json").read_bytes())
    bundle["\x1b]0;owned\x07"] = 1
    (folder / "b.json").write_bytes(canonical(bundle))
    assert call(str(folder / "b.json")) == 1
    assert "\x1b" not in capsys.readouterr().err
