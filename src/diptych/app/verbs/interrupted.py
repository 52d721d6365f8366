"""Runs whose process was killed: found when the workspace is opened, recorded as interrupted."""

from contextlib import suppress
from dataclasses import replace

from diptych.app.verbs.run_outputs import is_logged, log_run
from diptych.app.workspace import Workspace
from diptych.core.errors import DiptychError
from diptych.provenance.activity.journal import UnfinishedRun, unfinished_runs


def record_interrupted(workspace: Workspace) -> list[str]:
    """Record what killed runs had used; return the ids of those that were recorded now.

    Nobody is asked for a passphrase and no other writer is waited for: what cannot be recorded now
    stays for the next time.
    """
    quiet = Workspace(workspace.place, workspace.settings, clock=workspace.clock)
    recorded: list[str] = []
    for one in unfinished_runs(workspace.place.runs):
        with suppress(DiptychError):
            if _settle(quiet, one):
                recorded.append(one.path.stem)
    return recorded


def _settle(workspace: Workspace, one: UnfinishedRun) -> bool:
    """Record one run unless it is recorded already; then its journal has done its work."""
    document = one.document
    new = False
    if document is not None:
        with workspace.read_log() as log:
            new = not is_logged(log, document.id)
        if new:
            log_run(workspace, document, terms=replace(workspace.lease_terms(), wait_s=0.0))
    one.path.unlink(missing_ok=True)
    return new
