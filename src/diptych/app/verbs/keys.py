"""`key`: which keys exist and are valid; add, rotate, revoke; unlock and lock."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from diptych.app.verbs.bundle import IDENTITY_LABEL
from diptych.app.verbs.signing import current_signer
from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue
from diptych.core.secret import Secret
from diptych.provenance.keys.agent.client import start_agent
from diptych.provenance.keys.errors import AgentRefused, AgentUnavailable
from diptych.provenance.keys.key import Purpose
from diptych.provenance.keys.keyfile import change_passphrase
from diptych.provenance.keys.records import (
    Action,
    append_key_record,
    key_draft,
    key_history,
)
from diptych.provenance.keys.signer import Signer
from diptych.provenance.log import LogReader

_END_S = 2.0


@dataclass(frozen=True)
class KeyState:
    """One key: `valid`, `ended` or `not recorded` for statement keys, else empty; and its file.

    `name` is what its newest identity says, quoted; empty without one.
    """

    purpose: str
    keyid: str
    state: str
    stored: bool
    unlocked: bool
    name: str = ""

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `--json` shows."""
        return dict(vars(self))


def list_keys(workspace: Workspace) -> list[KeyState]:
    """Return the keys stored here and the statement keys that the log knows."""
    held = _held(workspace)
    with workspace.read_log() as log:
        history, size = key_history(log), log.size
        names = said_names(workspace, log)
    rows = []
    for file in workspace.keys.files():
        state = ""
        if file.purpose is Purpose.STATEMENT:
            known = file.keyid in history.spans
            valid = history.is_valid(file.keyid, size)
            state = "valid" if valid else "ended" if known else "not recorded"
        rows.append(KeyState(str(file.purpose), file.keyid, state, True, file.keyid in held))
    stored = {row.keyid for row in rows}
    for keyid in history.spans:
        if keyid not in stored:
            state = "valid" if history.is_valid(keyid, size) else "ended"
            rows.append(KeyState(str(Purpose.STATEMENT), keyid, state, False, False))
    return [replace(row, name=names.get(row.keyid, "")) for row in rows]


def add_key(workspace: Workspace, *, keyid: str | None, algorithm: str) -> tuple[str, int]:
    """Record one more statement key: somebody else's, or a new one that is stored here.

    Returns:
        The key id and the index of its record.
    """
    with workspace.write_log() as log:
        signer = current_signer(workspace, log)  # before a key file is made that none can add
    added = keyid or workspace.keys.create(Purpose.STATEMENT, label=algorithm).keyid
    return added, _record(workspace, "add", added, signer=signer)


def rotate_key(workspace: Workspace, *, algorithm: str) -> tuple[str, int]:
    """Replace the current statement key by a new one; the old key signs the change.

    Returns:
        The new key id and the index of the record.
    """
    with workspace.write_log() as log:
        old = current_signer(workspace, log)
    new = workspace.keys.create(Purpose.STATEMENT, label=algorithm).keyid
    return new, _record(workspace, "rotate", new, replaces=old.keyid, signer=old)


def revoke_key(workspace: Workspace, keyid: str) -> int:
    """End a key: from now on nothing it signs counts. What it signed before stays valid.

    The last valid key can revoke itself; the log then accepts no further records.
    """
    return _record(workspace, "revoke", keyid)


def _record(
    workspace: Workspace,
    action: Action,
    keyid: str,
    *,
    replaces: str = "",
    signer: Signer | None = None,
) -> int:
    draft = key_draft(action, keyid, time_s=workspace.clock(), replaces=replaces)
    with workspace.write_log() as log:
        chosen = signer or current_signer(workspace, log)
        with log.writer(workspace.lease_terms()) as writer:
            return append_key_record(log, writer, draft, chosen)


def unlock_keys(workspace: Workspace, *, ttl_s: float) -> list[str]:
    """Unlock every key once and let the agent hold them for `ttl_s` seconds."""
    files = workspace.keys.files()
    for file in files:
        workspace.keys.unlock(file)
    if not workspace.agent.is_running():
        start_agent(workspace.agent.path, ttl_s=ttl_s)
    workspace.keys.fill(workspace.agent)
    return [file.keyid for file in files]


def lock_keys(workspace: Workspace) -> bool:
    """End the agent; False if none was running."""
    try:
        workspace.agent.lock()
    except (AgentUnavailable, AgentRefused):
        return False
    # It answers before it is gone; whoever unlocks next must not meet it.
    limit_s = time.monotonic() + _END_S
    while _is_ending(workspace) and time.monotonic() < limit_s:
        time.sleep(0.01)
    return True


def _is_ending(workspace: Workspace) -> bool:
    try:
        workspace.agent.held_keys()
    except AgentUnavailable:
        return False
    except AgentRefused:
        pass
    return True


def change_all(workspace: Workspace, old: Secret, new: Secret) -> int:
    """Lock every key file with a new passphrase; returns how many."""
    files = workspace.keys.files()
    for file in files:
        file.unlock(old)  # all of them open before the first one is changed
    for file in files:
        change_passphrase(file.path, old, new)
    return len(files)


def said_names(workspace: Workspace, log: LogReader) -> Mapping[str, str]:
    """Return what the newest identities of keys say, quoted; nothing is judged."""
    if not log.labels(IDENTITY_LABEL):
        return {}
    from diptych.app.verbs.identity import names_of_keys

    return names_of_keys(workspace, log)


def _held(workspace: Workspace) -> set[str]:
    try:
        return {key.keyid for key in workspace.agent.held_keys()}
    except (AgentUnavailable, AgentRefused):
        return set()
