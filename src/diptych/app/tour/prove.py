"""Chapter *prove*: seal real clinical data, anchor it, prove it offline, survive kill -9."""

import contextlib
import os
import shutil
import signal
import sys
import time
from importlib.util import find_spec
from pathlib import Path

from diptych.app.tour.stage import Chapter, Stage, Step, StepFailed
from diptych.app.tour.trusted import STEPS as TRUSTED_STEPS
from diptych_verify.wording import counted

_OFFLINE = """
import sys
def refuse(event, _):
    if event.startswith("socket."):
        raise SystemExit("the verifier tried to use the network")
sys.addaudithook(refuse)
from diptych_verify.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


def _init(stage: Stage) -> str:
    made = stage.diptych("init")
    return f"log {made['origin']}, one encrypted key per purpose, all files 0600"


def _collect(stage: Stage) -> str:
    folder = stage.folder / "study"
    folder.mkdir()
    for package, path in (
        ("sklearn", "datasets/data/breast_cancer.csv"),
        ("pydicom", "data/test_files/CT_small.dcm"),
    ):
        spec = find_spec(package)
        if spec is None or spec.origin is None:
            raise StepFailed(f"{package} is not installed", hint="pip install diptych")
        shutil.copy(Path(spec.origin).parent / path, folder)
    sizes = {file.name: file.stat().st_size for file in sorted(folder.iterdir())}
    return "real input: " + ", ".join(f"{name} ({size:,} B)" for name, size in sizes.items())


def _seal(stage: Stage) -> str:
    sealed = stage.diptych("seal", "study")
    stage.notes["record"] = sealed["record"]
    return f"{counted(sealed['files'], 'file')} under one signed record {sealed['record'][:16]}…"


def _anchor(stage: Stage) -> str:
    anchored = stage.diptych("anchor")
    return (
        f"log of {anchored['size']} records is in block {anchored['block']} of chain "
        f"{anchored['chain_id']}: {anchored['gas_used']:,} gas"
    )


def _verify(stage: Stage) -> str:
    answers = stage.diptych("verify", "study")["answers"]
    return "; ".join(f"{a['question']} {a['status']}" for a in answers)


def _bundle(stage: Stage) -> str:
    made = stage.diptych("bundle", "study", "--output", "study.diptych.json", "--manifest")
    stage.diptych("export", "policy", "policy.toml")
    return f"{made['bytes']:,} bytes hold record, proofs, chain evidence and keys"


def _verify_offline(stage: Stage) -> str:
    away = stage.folder.parent / "elsewhere"
    away.mkdir()
    for name in ("study.diptych.json", "policy.toml"):
        shutil.copy(stage.folder / name, away)
    shutil.copytree(stage.folder / "study", away / "study")
    command = [sys.executable, "-c", _OFFLINE, "study.diptych.json", "study"]
    stage.program([*command, "--policy", "policy.toml"], cwd=away)
    return "another process, no workspace, sockets refused: the same answers"


def _flip_one_byte(stage: Stage) -> str:
    path = stage.folder / "study" / "CT_small.dcm"
    original = path.read_bytes()
    path.write_bytes(original[:20_000] + bytes([original[20_000] ^ 1]) + original[20_001:])
    error = stage.diptych("verify", "study", expect=1)["error"]
    if "CT_small.dcm" not in error["message"]:
        raise StepFailed(f"the changed file is not named: {error['message']}")
    path.write_bytes(original)
    return f"refused: {error['message']}"


def _kill_and_restart(stage: Stage) -> str:
    before = stage.diptych("chain", "status")
    for pid in (before["supervisor_pid"], before["node_pid"]):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    time.sleep(0.2)
    after = stage.diptych("chain", "up")
    if before["head"] != after["head"]:
        raise StepFailed(f"got head {after['head']}, expected {before['head']}")
    return f"kill -9 of chain and supervisor: head is again {before['head']['hash'][:18]}…"


def _verify_again(stage: Stage) -> str:
    answers = stage.diptych("verify", "study", "--online")["answers"]
    untampered = next(a for a in answers if a["question"] == "untampered")
    if untampered["status"] != "proven":
        raise StepFailed(f"got {untampered}, expected proven")
    return "the restarted chain still holds the root of this log"


def _curtain(stage: Stage) -> None:
    if (stage.folder / ".diptych" / "chain").exists():
        with contextlib.suppress(StepFailed):
            stage.diptych("chain", "down")


CHAPTER = Chapter(
    name="prove",
    title="Prove: what this data is, whose it is, and that nobody changed it",
    steps=(
        Step("init", _init),
        Step("collect", _collect),
        Step("seal", _seal),
        Step("anchor", _anchor),
        Step("verify", _verify),
        Step("bundle", _bundle),
        Step("verify offline", _verify_offline),
        Step("flip one byte", _flip_one_byte),
        Step("kill -9, restart", _kill_and_restart),
        Step("verify again", _verify_again),
        *TRUSTED_STEPS,
    ),
    curtain=_curtain,
)
