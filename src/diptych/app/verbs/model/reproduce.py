"""`model reproduce`: replay a recorded run, compare what it made, name the cause of a difference.

Everything is taken as it was recorded where that can be had: the commit, the stored data, the
seed, and with `fresh` the libraries. What comes out is compared by root. If it differs, the run is
replayed once more, to see whether it differs from itself; then one circumstance at a time.
"""

import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from diptych.app.verbs.replay.folder import (
    NotReplayable,
    facts_of_data,
    is_stored,
    lay_code,
    lay_data,
    replay_inputs,
    still_holds,
)
from diptych.app.verbs.replay.process import Outcome, make_workspace, replay_process
from diptych.app.verbs.replay.python import MakePython, fresh_python
from diptych.app.verbs.replaying import Replay
from diptych.app.verbs.runs import LoggedRun, find_run
from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue
from diptych.provenance.activity.capture import Capture
from diptych.provenance.activity.drift import (
    FACTORS,
    PRESENT,
    RECORDED,
    Drift,
    Facts,
    Finding,
    differing,
    isolate,
)

DEFAULT_TIMEOUT_S = 3_600.0
States = Mapping[str, str]


@dataclass(frozen=True)
class ReplayOptions:
    """How to replay.

    Attributes:
        fresh: build a new environment from the recorded lock.
        present: take code, data and seed as they are now, to see whether they drifted.
        timeout_s: seconds that one replay may take.
        make_python: builds the environment.
    """

    fresh: bool = False
    present: bool = False
    timeout_s: float = DEFAULT_TIMEOUT_S
    make_python: MakePython = fresh_python


@dataclass(frozen=True)
class Reproduced:
    """What replaying showed.

    Attributes:
        run: hex record id of the run.
        activity: of the run.
        same: whether every output has the recorded root.
        outputs: (name, recorded root, root now) in hex.
        drift: circumstances that differ from the recorded ones.
        causes: factors that change the result: `seed data code library hardware`, or `unknown`.
        tested: whether each cause was varied alone; else it is all that differs.
        replays: how many there were.
    """

    run: str
    activity: str
    same: bool
    outputs: tuple[tuple[str, str, str], ...]
    drift: tuple[Drift, ...]
    causes: tuple[str, ...] = ()
    tested: bool = False
    replays: int = 1

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych model reproduce --json` shows."""
        return {
            "run": self.run,
            "activity": self.activity,
            "same": self.same,
            "outputs": [
                {"name": name, "recorded": before, "now": now} for name, before, now in self.outputs
            ],
            "drift": [one.to_json() for one in self.drift],
            "causes": list(self.causes),
            "tested": self.tested,
            "replays": self.replays,
        }


def reproduce(
    workspace: Workspace, reference: str, options: ReplayOptions | None = None
) -> Reproduced:
    """Replay the run that a reference names, or that made what it names.

    The run's code is executed, with the rights of the caller: reproduce only what you would run.

    Args:
        workspace: where it is recorded.
        reference: a run, or a data set or model that a run made.
        options: how.

    Raises:
        NoRun: no run is behind the reference.
        NotReplayable: it failed, made nothing that can be compared, or cannot be started again.
        ReplayFailed: the replay ended with an error.
        CannotInstall: the recorded environment cannot be built.
        VerificationError: the record does not verify.
    """
    run = find_run(workspace, reference)
    workspace.verify(run.record.record)
    wanted = _comparable(run)
    with tempfile.TemporaryDirectory(prefix="diptych-replay-") as scratch:
        stage = _Stage(workspace, run, options or ReplayOptions(), Path(scratch))
        return stage.judge(wanted)


def _comparable(run: LoggedRun) -> dict[str, str]:
    document = run.document
    if document.capture is None:
        raise NotReplayable("another system reported this run: how it was started is not known")
    if document.status != "completed":
        raise NotReplayable(f"this run is recorded as {document.status}", hint="diptych run list")
    wanted = {one.name: one.root for one in document.outputs if one.root}
    if not wanted:
        raise NotReplayable(
            "this run made nothing that can be compared (private seals are salted)",
            hint="run.produce(PATH) records an output",
        )
    return wanted


class _Stage:
    """Replays of one run under various states, each done once."""

    def __init__(
        self, workspace: Workspace, run: LoggedRun, options: ReplayOptions, scratch: Path
    ) -> None:
        assert run.document.capture is not None
        self._workspace = workspace
        self._run = run
        self._options = options
        self._scratch = scratch
        self._capture: Capture = run.document.capture
        self._inputs = replay_inputs(workspace, run.document)
        self._known: dict[tuple[tuple[str, str], ...], Outcome] = {}
        self._now: Facts | None = None
        self._python: Path | None = None
        self._code_restored = True
        self._replays = 0

    def judge(self, wanted: dict[str, str]) -> Reproduced:
        """Replay, compare, and find the cause of a difference."""
        states = dict.fromkeys(FACTORS, PRESENT if self._options.present else RECORDED)
        before = Facts(self._run.document.seed, facts_of_data(self._inputs), self._capture)
        first = self._replay(states)
        self._now = first.facts
        drift = differing(before, first.facts)
        done = Reproduced(
            self._run.record.record,
            self._run.document.activity,
            _same(first, wanted),
            tuple((name, root, first.outputs.get(name, "")) for name, root in wanted.items()),
            drift,
        )
        if done.same:
            return done
        again = self._replay(states, afresh=True)
        if again.outputs != first.outputs:
            return replace(done, causes=("seed",), tested=True, replays=self._replays)
        finding = self._find(drift, wanted)
        return replace(
            done,
            causes=finding.causes or ("unknown",),
            tested=finding.tested,
            replays=self._replays,
        )

    def _find(self, drift: tuple[Drift, ...], wanted: dict[str, str]) -> Finding:
        def same(chosen: States) -> bool:
            states = {**dict.fromkeys(FACTORS, RECORDED), **chosen}
            return _same(self._replay(states), wanted)

        return isolate([one.factor for one in drift], self._restorable(), same)

    def _restorable(self) -> frozenset[str]:
        found = {"seed"}
        kept = (
            is_stored(self._workspace, o) or still_holds(self._workspace, o) for o in self._inputs
        )
        if all(kept):
            found.add("data")
        if self._options.fresh:
            found.add("library")
        if self._can_restore_code():
            found.add("code")
        return frozenset(found)

    def _can_restore_code(self) -> bool:
        with tempfile.TemporaryDirectory(dir=self._scratch) as folder:
            project = self._workspace.place.project
            return lay_code(project, self._capture.code, Path(folder), state=RECORDED)

    def _replay(self, states: States, *, afresh: bool = False) -> Outcome:
        key = tuple(sorted(states.items()))
        if key in self._known and not afresh:
            return self._known[key]
        self._replays += 1
        folder = self._scratch / f"replay-{self._replays}"
        folder.mkdir()
        project = self._workspace.place.project
        lay_code(project, self._capture.code, folder, state=states["code"])
        lay_data(self._workspace, self._inputs, folder, state=states["data"])
        book, passphrase = make_workspace(self._workspace.settings, folder)
        outcome = replay_process(
            book,
            passphrase,
            self._run.document,
            self._plan(states),
            python=self._interpreter(states),
            variables=self._capture.environment.variables,
            timeout_s=self._options.timeout_s,
        )
        self._known.setdefault(key, outcome)
        return outcome

    def _plan(self, states: States) -> Replay:
        seed = self._run.document.seed
        if states["seed"] == PRESENT:
            seed = self._now.seed if self._now else None
        return Replay({one.said.reference: one.path for one in self._inputs}, seed)

    def _interpreter(self, states: States) -> Path:
        if not self._options.fresh or states["library"] == PRESENT:
            return Path(sys.executable)
        if self._python is None:
            where = self._scratch / "environment"
            self._python = self._options.make_python(self._capture.environment, where)
        return self._python


def _same(outcome: Outcome, wanted: dict[str, str]) -> bool:
    return all(outcome.outputs.get(name) == root for name, root in wanted.items())
