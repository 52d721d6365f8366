"""`run`: what an activity used, what it made, and under which circumstances, in one record.

The run's record and those of its outputs enter the log together or not at all. A run that fails is
recorded as failed; one that is killed is found when the workspace is opened again.
"""

import operator
import os
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from diptych.app.verbs.replaying import Replay, current_replay
from diptych.app.verbs.requirements import require_stage
from diptych.app.verbs.run_inputs import ROLES, Used, use
from diptych.app.verbs.run_outputs import Made, Produced, log_run, make_output
from diptych.app.workspace import Workspace
from diptych.core.clock import Clock, iso_utc
from diptych.core.errors import JsonValue, UsageError
from diptych.provenance.activity.capture import take_capture
from diptych.provenance.activity.document import MAX_EDGES, RunDocument
from diptych.provenance.activity.entry import Entry
from diptych.provenance.activity.journal import RunJournal
from diptych.provenance.activity.redact import Redactor
from diptych.provenance.activity.values import plain_params

_ACTIVITY = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._:+/-]{0,127}")
_MAX_SEED = 2**53 - 1
_MAX_MESSAGE = 1_000


class BadRun(UsageError):
    """An activity has no usable name, its seed is no whole number, or too much is used or made."""

    code = "Run.Bad"


class RunNotOpen(UsageError):
    """Something was used, produced or noted before a run began or after it ended."""

    code = "Run.NotOpen"


class Run:
    """One running activity; `book.run` makes it, use it as a context manager.

    Args:
        workspace: where its record will stand.
        activity: what is done, for example `train`.
        params: parameters; secrets among them are masked, other objects only say their type.
        seed: of whatever is random.
        seed_generators: also seed `random`, NumPy and, if loaded, torch with it.
        keep_message: record the message of an error too, which may hold personal data.
        entry: how to start it again, if not as this process was started.
        monotonic: seconds from some point, for the duration.

    Attributes:
        id: 32 hex digits.
        seed: as given; a replay may give another one.
        record: hex record id once the run has ended.
    """

    def __init__(
        self,
        workspace: Workspace,
        activity: str,
        *,
        params: Mapping[str, Any] | None = None,
        seed: int | None = None,
        seed_generators: bool = False,
        keep_message: bool = False,
        entry: Entry | None = None,
        monotonic: Clock = time.monotonic,
    ) -> None:
        if _ACTIVITY.fullmatch(activity) is None:
            raise BadRun(f"got activity {activity[:80]!a}, expected letters, digits, . _ : + / -")
        replay = current_replay(os.environ)
        self.id = secrets.token_hex(16)
        self.activity = activity
        self.seed = _whole(replay.seed_for(seed) if replay else seed)
        self.record = ""
        self._workspace = workspace
        self._replay: Replay | None = replay
        self._redactor = Redactor(os.environ, home=str(Path.home()))
        self._params = plain_params(params or {}, self._redactor, what="params")
        self._seed_generators = seed_generators
        self._keep_message = keep_message
        self._entry = entry
        self._monotonic = monotonic
        self._notes: dict[str, JsonValue] = {}
        self._used: list[Used] = []
        self._produced: list[Produced] = []
        self._journal: RunJournal | None = None
        self._entered = False

    def __enter__(self) -> Self:
        """Begin: capture the circumstances and note durably that the run has begun."""
        workspace = self._workspace
        if self._entered:
            raise RunNotOpen(f"run '{self.activity}' has begun already", hint="make another one")
        self._entered = True
        if self.seed is not None and self._seed_generators:
            from diptych.provenance.activity.seeding import seed_generators

            seed_generators(self.seed)
        capture = take_capture(workspace.place.project, self._redactor)
        if self._entry is not None:
            capture = capture.started_by(self._entry)
        self._begun = RunDocument(
            self.id,
            self.activity,
            "interrupted",
            iso_utc(workspace.clock()),
            seed=self.seed,
            params=self._params,
            capture=capture,
        )
        self._journal = RunJournal.start(workspace.place.runs, self._begun)
        self._process = os.getpid()
        self._start_s = self._monotonic()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End: seal the outputs and put all records into the log; an error goes on."""
        journal = self._journal
        if journal is None or os.getpid() != self._process:
            return  # a forked child that leaves the block is not the run
        self._journal = None
        duration_s = self._monotonic() - self._start_s
        try:
            self._record(error, duration_s)
        except BaseException as fault:
            if error is None:
                self._record_fault(journal, fault, duration_s)
                raise
            journal.close(keep=True)
            error.add_note(f"and the run could not be recorded: {fault}")
            return
        journal.close()

    def use(self, what: object, *, private: bool = False, role: str = "train") -> Used:
        """Say that something is used, before it is read.

        Args:
            what: a path (sealed now unless its newest record says the same), a name, a record id,
                or anything that has a `record`.
            private: seal the path so that only salted commitments are public.
            role: `train` or `test`: what a model that is produced says of it.

        Returns:
            What was found; works as a path where one is known.

        Raises:
            NoSuchRecord: neither a path nor a record.
            RequirementUnmet: the requirements ask for a quality report that is not there.
            RunNotOpen: the run has not begun or has ended.
        """
        journal = self._open()
        if role not in ROLES:
            raise BadRun(f"got role {role!r:.40}, expected {' or '.join(ROLES)}")
        found = use(self._workspace, what, private=private, role=role, replay=self._replay)
        if role == "train":
            require_stage(self._workspace, "train", [found.record])
        if found.record not in {one.record for one in self._used}:
            if len(self._used) >= MAX_EDGES:
                raise BadRun(f"got more than {MAX_EDGES} inputs", hint="use their folder")
            journal.used(found.said)
            self._used.append(found)
        return found

    def produce(
        self,
        path: str | os.PathLike[str],
        *,
        private: bool = False,
        name: str = "",
        model: str | None = None,
        card: Mapping[str, Any] | None = None,
        version: str = "",
        trust: Sequence[str] = (),
    ) -> Produced:
        """Say that a file or folder is made; it is sealed when the run ends well.

        Args:
            path: where; a folder written with a slash at the end is made now.
            private: seal it so that only salted commitments are public.
            name: by which it is found instead of its path.
            model: publish it as the next version of the model of this name.
            card: members of the model's card.
            version: name of the data of which it becomes the next version.
            trust: class names that the model's skops file may hold.

        Returns:
            A path; its `record` is known once the run has ended.

        Raises:
            RunNotOpen: the run has not begun or has ended.
        """
        self._open()
        if len(self._produced) >= MAX_EDGES:
            raise BadRun(f"got more than {MAX_EDGES} outputs", hint="produce their folder")
        what = (private, name, model, dict(card or {}), version, tuple(trust))
        made = Produced.at(self._workspace.start, path, *what)
        if model is not None and model in {one.model for one in self._produced}:
            raise BadRun(f"got two outputs for the model '{model}'", hint="produce their folder")
        self._produced.append(made)
        return made

    def note(self, **values: Any) -> None:
        """Add results, for example `run.note(auc=0.91)`; a name said again replaces the old value.

        Raises:
            ParamsTooLarge: too much for a record.
            RunNotOpen: the run has not begun or has ended.
        """
        self._open()
        notes = {**self._notes, **plain_params(values, self._redactor, what="notes")}
        self._notes = plain_params(notes, self._redactor, what="notes")

    def _open(self) -> RunJournal:
        if self._journal is None:
            raise RunNotOpen(
                f"run '{self.activity}' is not open", hint="with book.run('train') as run: …"
            )
        return self._journal

    def _record(self, error: BaseException | None, duration_s: float) -> None:
        status = _status(error)
        made: list[Made] = []
        if status == "completed":
            inputs = tuple(self._used)
            made = [make_output(self._workspace, one, inputs) for one in self._produced]
        document = self._document(status, made, error, duration_s)
        self.record = log_run(self._workspace, document, made)

    def _record_fault(self, journal: RunJournal, fault: BaseException, duration_s: float) -> None:
        """Record that the run failed at its end, for example because an output is missing."""
        try:
            document = self._document("failed", [], fault, duration_s)
            self.record = log_run(self._workspace, document, [])
        except BaseException:
            journal.close(keep=True)
        else:
            journal.close()

    def _document(
        self, status: str, made: list[Made], error: BaseException | None, duration_s: float
    ) -> RunDocument:
        capture = self._begun.capture
        assert capture is not None
        return RunDocument(
            self.id,
            self.activity,
            status,
            self._begun.started,
            duration_s=round(max(0.0, duration_s), 3),
            seed=self.seed,
            params=self._params,
            notes=self._notes,
            inputs=tuple(one.said for one in self._used),
            outputs=tuple(one.said for one in made),
            capture=capture.loaded(self._workspace.place.project),
            error=None if error is None or status == "completed" else self._error(error),
        )

    def _error(self, error: BaseException | None) -> dict[str, str]:
        kind = type(error)
        module = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
        said = {"type": f"{module}{kind.__qualname__}"[:256]}
        if self._keep_message:
            said["message"] = self._redactor.text(str(error))[:_MAX_MESSAGE]
        return said


def _status(error: BaseException | None) -> str:
    if error is None or (isinstance(error, SystemExit) and not error.code):
        return "completed"
    return "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"


def _whole(seed: object) -> int | None:
    if seed is None:
        return None
    found = operator.index(seed) if hasattr(seed, "__index__") else -1  # NumPy's integers too
    if isinstance(seed, bool) or not 0 <= found <= _MAX_SEED:
        raise BadRun(f"got seed {seed!r:.80}, expected a whole number from 0 to 2^53-1")
    return found
