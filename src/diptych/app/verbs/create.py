"""`init`: a log, one key per purpose, and the first record, which adds the statement key."""

import os
import secrets
import shutil
from dataclasses import dataclass

from diptych.app.place import HOME, Place, WorkspaceExists
from diptych.app.workspace import Workspace
from diptych.core.files import make_folder, sync_folder, write_durably, write_error
from diptych.provenance.keys.key import Purpose
from diptych.provenance.keys.records import begin_log
from diptych.provenance.log import Log

_TOML = b"# Settings of this workspace; `diptych config` lists them all.\n"


@dataclass(frozen=True)
class Created:
    """A new workspace: its log's origin and verifier key, and the statement key's id."""

    origin: str
    log_key: str
    keyid: str


def create(workspace: Workspace, *, algorithm: str = "ed25519") -> Created:
    """Make `.diptych` in the workspace's project folder, whole or not at all.

    Args:
        workspace: one whose place does not exist yet.
        algorithm: of the statement key, `ed25519` or `secp256k1`.

    Raises:
        WorkspaceExists: there is one already.
        KeyLocked: no passphrase can be had.
        EnvironmentFault: the folder cannot be written.
    """
    home = workspace.place.home
    if os.path.lexists(home):
        raise WorkspaceExists(f"{home} exists already", hint="diptych status")
    # Everything is built in a folder beside it and renamed, so that a crash leaves no half of one.
    building = Place(home.with_name(f"{HOME}-new-{secrets.token_hex(4)}"))
    try:
        make_folder(building.private, mode=0o700)
        created = _fill(workspace.at(building), algorithm)
        building.home.rename(home)
        sync_folder(home.parent)
    except OSError as error:
        raise write_error(home, error) from error
    finally:
        shutil.rmtree(building.home, ignore_errors=True)
    return created


def _fill(workspace: Workspace, algorithm: str) -> Created:
    keys, place = workspace.keys, workspace.place
    write_durably(place.settings, _TOML)
    origin = f"diptych.log/{secrets.token_hex(16)}"
    log_signer = keys.unlock(keys.create(Purpose.LOG, label=origin)).log_signer()
    signer = keys.unlock(keys.create(Purpose.STATEMENT, label=algorithm)).statement_signer()
    keys.create(Purpose.PRIVATE)
    with Log.create(place.log, log_signer) as log, log.writer(workspace.lease_terms()) as writer:
        begin_log(writer, signer, time_s=workspace.clock())
    return Created(origin, str(log_signer.key), signer.keyid)
