"""The workspace: composition root that builds every part, and the verbs on it.

`book = diptych.open()` gives one. Verbs stand one per module in `app.verbs` and are imported when
first used, so that a short command stays short.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, ParamSpec, Self, TypeVar

from diptych.app.place import HOME, Place, find_place
from diptych.core.clock import Clock, system_clock
from diptych.core.database import connect_anywhere
from diptych.core.progress import ProgressFactory, silent
from diptych.core.settings import Settings, load_settings
from diptych.provenance.keys.agent.client import AgentClient
from diptych.provenance.keys.agent.wire import socket_path
from diptych.provenance.keys.store import KeyStore, Prompt, Unlocking
from diptych.provenance.log import LeaseTerms, Log
from diptych.provenance.objects.local import LocalObjects

if TYPE_CHECKING:
    from diptych.app.data import DataVerbs
    from diptych.app.models import ModelVerbs
    from diptych.app.verbs.anchor import Anchored
    from diptych.app.verbs.identity import Identified
    from diptych.app.verbs.may import UseDecision
    from diptych.app.verbs.records import Record
    from diptych.app.verbs.run import Run
    from diptych.app.verbs.seal import Sealed
    from diptych.models.usage.spool import UsageSpool
    from diptych.provenance.graph.lineage import Lineage
    from diptych.provenance.graph.walking import WalkOptions
    from diptych_verify.evidence import Evidence
    from diptych_verify.policy import TrustPolicy

P = ParamSpec("P")
R = TypeVar("R")


class Workspace:
    """One `.diptych` folder with everything in it; use as a context manager.

    Args:
        place: where the workspace stands.
        settings: merged settings.
        clock: seconds since the epoch.
        progress: how to report long work.
        prompt: asks a person for a passphrase; None when nobody can answer.
        start: folder that relative paths start from, by default the project folder.
    """

    def __init__(
        self,
        place: Place,
        settings: Settings,
        *,
        clock: Clock = system_clock,
        progress: ProgressFactory = silent,
        prompt: Prompt | None = None,
        start: Path | None = None,
    ) -> None:
        self.place = place
        self.start = start or place.project
        self.settings = settings
        self.clock = clock
        self.progress = progress
        self.prompt = prompt
        self.agent = AgentClient(socket_path(place.keys, os.environ))
        self.keys = KeyStore(
            place.keys,
            Unlocking(self.agent, settings.keys.passphrase, prompt),
            log2_n=settings.keys.scrypt_log2_n,
        )

    @classmethod
    def open(
        cls,
        folder: Path | str = ".",
        *,
        clock: Clock = system_clock,
        progress: ProgressFactory = silent,
        prompt: Prompt | None = None,
    ) -> Self:
        """Open the workspace at or above `folder`.

        Raises:
            NoWorkspace: there is none.
            BadSetting: its settings are wrong.
        """
        place = find_place(Path(folder))
        settings, _ = load_settings(place.settings)
        book = cls(
            place, settings, clock=clock, progress=progress, prompt=prompt, start=Path(folder)
        )
        if next(place.runs.glob("*.jsonl"), None) is not None:
            from diptych.app.verbs.interrupted import record_interrupted

            record_interrupted(book)
        if next(place.private.glob("sharing/*.jsonl"), None) is not None:
            from diptych.app.verbs.data.share_file import settle_shares

            settle_shares(book)
        return book

    def at(self, place: Place) -> "Workspace":
        """Return a workspace elsewhere with the same settings and surroundings."""
        return Workspace(
            place, self.settings, clock=self.clock, progress=self.progress, prompt=self.prompt
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None

    @property
    def interactive(self) -> bool:
        """Whether a person is watching, so that an extra walk for an ETA is worth it."""
        return self.progress is not silent

    @cached_property
    def objects(self) -> LocalObjects:
        """Manifests and other objects."""
        return LocalObjects(self.place.objects)

    @cached_property
    def data(self) -> "DataVerbs":
        """What can be done with data: `book.data.add(...)`."""
        from diptych.app.data import DataVerbs

        return DataVerbs(self)

    @cached_property
    def models(self) -> "ModelVerbs":
        """What can be done with models: `book.models.license(...)`."""
        from diptych.app.models import ModelVerbs

        return ModelVerbs(self)

    @cached_property
    def spool(self) -> "UsageSpool":
        """Where this process writes uses; its file is made with the first one."""
        from diptych.models.usage.spool import UsageSpool

        return UsageSpool(self.place.uses)

    def read_log(self) -> Log:
        """Open the log for reading, wherever it stands; close it after use."""
        return Log.open(self.place.log, connect=connect_anywhere)

    def write_log(self) -> Log:
        """Open the log for appending; the log key must be unlockable."""
        return Log.open(self.place.log, signer=self.keys.log_signer())

    def lease_terms(self) -> LeaseTerms:
        """Return how long to hold the log and how long to wait for it."""
        log = self.settings.log
        return LeaseTerms(lease_s=log.lease_s, wait_s=log.wait_s, clock=self.clock)

    def run(
        self,
        activity: str,
        *,
        params: Mapping[str, Any] | None = None,
        seed: int | None = None,
        seed_generators: bool = False,
        keep_message: bool = False,
    ) -> "Run":
        """Return a run to be used as a context manager; see `diptych.app.verbs.run.Run`."""
        from diptych.app.verbs.run import Run

        return Run(
            self,
            activity,
            params=params,
            seed=seed,
            seed_generators=seed_generators,
            keep_message=keep_message,
        )

    def activity(
        self,
        name: str,
        *,
        uses: Sequence[str] | None = None,
        produces: Sequence[str] | None = None,
        private: Sequence[str] = (),
        keep_message: bool = False,
    ) -> Callable[[Callable[P, R]], Callable[P, R]]:
        """Make every call of a function a run; see `diptych.app.verbs.activity.activity`."""
        from diptych.app.verbs.activity import activity

        return activity(
            self,
            name,
            uses=uses,
            produces=produces,
            private=private,
            keep_message=keep_message,
        )

    def seal(
        self,
        path: Path | str,
        *,
        private: bool = False,
        store: bool = False,
        derived_from: Sequence[str] = (),
    ) -> "Sealed":
        """Seal a file or folder; see `diptych.app.verbs.seal.seal`."""
        from diptych.app.verbs.seal import seal

        return seal(self, Path(path), private=private, store=store, derived_from=derived_from)

    def anchor(self) -> "Anchored":
        """Write the log's newest root to the chain; see `diptych.app.verbs.anchor.anchor`."""
        from diptych.app.verbs.anchor import anchor

        return anchor(self)

    def bundle(self, what: Path | str, *, lineage: bool = False, manifest: bool = False) -> bytes:
        """Return a proof that travels alone; see `diptych.app.verbs.bundle.make_bundle`."""
        from diptych.app.verbs.bundle import make_bundle

        return make_bundle(self, str(what), lineage=lineage, manifest=manifest)

    def verify(
        self,
        what: Path | str,
        *,
        path: Path | None = None,
        policy: "TrustPolicy | None" = None,
        lineage: bool = False,
        online: bool = False,
    ) -> "Evidence":
        """Re-read and check what was sealed; see `diptych.app.verbs.verify.verify`."""
        from diptych.app.verbs.verify import verify

        return verify(self, str(what), path=path, policy=policy, lineage=lineage, online=online)

    def may(self, actor: str | None, action: str, asset: str, **facts: Any) -> "UseDecision":
        """Say whether an actor (None: our key) may use an asset; see `app.verbs.may.may_use`."""
        from diptych.app.verbs.may import may_use

        return may_use(self, actor, action, asset, **facts)

    def lineage(
        self,
        what: str,
        *,
        as_of: str | None = None,
        options: "WalkOptions | None" = None,
        policy: "TrustPolicy | None" = None,
        rebuild: bool = False,
    ) -> "Lineage":
        """Return where a record comes from or led to; see `diptych.app.verbs.lineage`."""
        from diptych.app.verbs.lineage import lineage

        return lineage(self, what, as_of=as_of, options=options, policy=policy, rebuild=rebuild)

    def identify(self, keyid: str | None = None, **evidence: Any) -> "Identified":
        """Say whom a key belongs to; `evidence` as in `app.verbs.identity.GivenEvidence`."""
        from diptych.app.verbs.identity import GivenEvidence, identify

        return identify(self, GivenEvidence(**evidence), keyid=keyid)

    def records(self, *, limit: int = 20) -> "list[Record]":
        """Return the newest records, newest first."""
        from diptych.app.verbs.records import newest

        return newest(self, limit=limit)


def open(folder: Path | str = ".", *, prompt: Prompt | None = None) -> Workspace:
    """Open the workspace at or above `folder`; see `Workspace.open`."""
    return Workspace.open(folder, prompt=prompt)


def create(folder: Path | str = ".", *, prompt: Prompt | None = None) -> Workspace:
    """Make `folder` a workspace and open it; see `diptych.app.verbs.create.create`."""
    from diptych.app.verbs.create import create as make

    settings, _ = load_settings()
    make(Workspace(Place(Path(folder).resolve() / HOME), settings, prompt=prompt))
    return Workspace.open(folder, prompt=prompt)
