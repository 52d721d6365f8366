"""A replay's process: a clean environment, a throw-away workspace, and what the run says there."""

import json
import os
import secrets
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from diptych.app.place import HOME, Place
from diptych.app.verbs.create import create
from diptych.app.verbs.records import record_at
from diptych.app.verbs.replay.folder import NotReplayable, root_of
from diptych.app.verbs.replaying import VARIABLE, Replay
from diptych.app.verbs.runs import LoggedRun, list_runs
from diptych.app.workspace import Workspace
from diptych.core.errors import ProvenanceError
from diptych.core.secret import Secret
from diptych.core.settings import Settings
from diptych.provenance.activity.document import RunDocument
from diptych.provenance.activity.drift import Facts
from diptych.provenance.activity.entry import Entry

_PASSED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "LD_LIBRARY_PATH")
_TAIL = 2_000
_MAX_RUNS = 1_000
_DRIVER = """\
import functools, importlib, json, sys
plan = json.load(open(sys.argv[1], encoding="utf-8"))
sys.path[:1] = plan["path"]
called = importlib.import_module(plan["module"])
functools.reduce(getattr, plan["function"].split("."), called)(**plan["arguments"])
"""


class ReplayFailed(ProvenanceError):
    """The replay ended with an error, ran too long, or recorded no run of this activity."""

    code = "Run.ReplayFailed"


@dataclass(frozen=True)
class Outcome:
    """What a replay came to: the root of each output by name, and its circumstances."""

    outputs: Mapping[str, str]
    facts: Facts


def make_workspace(settings: Settings, project: Path) -> tuple[Workspace, Secret]:
    """Make a workspace with keys of its own in the folder of a replay."""
    passphrase = Secret(secrets.token_hex(16))
    keys = replace(settings.keys, passphrase=passphrase, scrypt_log2_n=14)
    book = Workspace(Place(project / HOME), replace(settings, keys=keys), start=project)
    create(book)
    return book, passphrase


def replay_process(
    book: Workspace,
    passphrase: Secret,
    document: RunDocument,
    plan: Replay,
    *,
    python: Path,
    variables: Mapping[str, str],
    timeout_s: float,
) -> Outcome:
    """Start a recorded run again in its folder and return what came out.

    Args:
        book: the throw-away workspace.
        passphrase: of its keys.
        document: the run.
        plan: inputs and seed.
        python: interpreter.
        variables: environment variables that change results.
        timeout_s: how long it may take, in seconds.

    Raises:
        ReplayFailed: it failed, or recorded no such run.
        NotReplayable: it cannot be started again.
    """
    project, home = book.place.project, book.place.home
    entry = document.capture.entry if document.capture else Entry()
    plan_file = home / "replay.json"
    plan_file.write_bytes(plan.dump())
    environ = {name: os.environ[name] for name in _PASSED if name in os.environ}
    environ |= {
        **variables,
        VARIABLE: str(plan_file),
        "DIPTYCH_KEYS__PASSPHRASE": passphrase.reveal(),
        "DIPTYCH_SEAL__DIGEST": book.settings.seal.digest,
        "DIPTYCH_SEAL__IGNORE_FILE": book.settings.seal.ignore_file,
        "PYTHONDONTWRITEBYTECODE": "1",
        "XDG_RUNTIME_DIR": str(home),
        "XDG_STATE_HOME": str(home),
    }
    folder = project / entry.folder
    folder.mkdir(parents=True, exist_ok=True)
    command = [str(python), *_words(entry, project, home)]
    _run(command, folder, environ, timeout_s)
    return _outcome(book, document)


def _words(entry: Entry, project: Path, home: Path) -> list[str]:
    if entry.kind == "none":
        raise NotReplayable(
            "it was started from a notebook, a prompt or a program outside the project",
            hint="put the training into a script in the project folder",
        )
    if entry.masked:
        raise NotReplayable(
            "one of its arguments was a secret and is masked",
            hint="pass secrets by the environment or a file",
        )
    if entry.kind == "script":
        return [str(project / entry.target), *entry.words]
    if entry.kind == "module":
        return ["-m", entry.target, *entry.words]
    module, _, function = entry.target.partition(":")
    path = [str(project / entry.folder), str(project)]
    said = {"module": module, "function": function, "path": path}
    (home / "call.json").write_text(
        json.dumps({**said, "arguments": dict(entry.arguments)}), encoding="utf-8"
    )
    (home / "call.py").write_text(_DRIVER, encoding="utf-8")
    return [str(home / "call.py"), str(home / "call.json")]


def _run(command: list[str], folder: Path, environ: dict[str, str], timeout_s: float) -> None:
    with tempfile.TemporaryFile() as output:
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                timeout=timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise ReplayFailed(
                f"the replay took more than {timeout_s:g} s", hint="give it more: --timeout"
            ) from None
        if done.returncode:
            output.seek(0, os.SEEK_END)
            output.seek(max(0, output.tell() - _TAIL))
            tail = output.read().decode(errors="replace")
            raise ReplayFailed(
                f"the replay ended with exit code {done.returncode}:\n{tail.strip()}",
                hint="what it needs beside its inputs and the code in git is not recorded",
            )


def _outcome(book: Workspace, document: RunDocument) -> Outcome:
    # Another instance: the child has written, and this one has cached keys only.
    candidates = [
        run
        for run in reversed(list_runs(book, limit=_MAX_RUNS))
        if run.document.activity == document.activity and run.document.status == "completed"
    ]
    if not candidates:
        raise ReplayFailed(
            f"the replay recorded no completed run '{document.activity}'",
            hint="diptych run show REF tells how it was started",
        )
    found = max(candidates, key=lambda run: _likeness(run, document)).document
    data: dict[str, str] = {}
    with book.read_log() as log:
        for one in found.inputs:
            index = log.find(bytes.fromhex(one.record))
            data[one.reference] = "" if index is None else root_of(record_at(log, index))
    assert found.capture is not None
    outputs = {one.name: one.root for one in found.outputs}
    return Outcome(outputs, Facts(found.seed, data, found.capture))


def _likeness(run: LoggedRun, document: RunDocument) -> tuple[bool, bool, bool]:
    """Say how well a run fits; a script may hold several of one activity."""
    found = run.document
    names = ({o.name for o in found.outputs}, {o.name for o in document.outputs})
    same = dict(found.params) == dict(document.params)
    return (names[0] == names[1], same, found.seed == document.seed)
