"""Which statement key signs now: the newest one that is valid and whose file is here."""

from collections.abc import Mapping, Sequence

from diptych.app.workspace import Workspace
from diptych.provenance.keys.errors import KeyNotFound
from diptych.provenance.keys.key import Purpose
from diptych.provenance.keys.records import key_history
from diptych.provenance.keys.signer import Signer
from diptych.provenance.log import Log, LogReader
from diptych.provenance.statement import Draft, sign_statements


def current_keyid(workspace: Workspace, log: LogReader) -> str:
    """Return the id of the key that signs next; nothing needs to be unlocked.

    Raises:
        KeyNotFound: no valid statement key of this log is stored here.
    """
    history = key_history(log)
    here = [file.keyid for file in workspace.keys.files(Purpose.STATEMENT)]
    valid = [keyid for keyid in here if history.is_valid(keyid, log.size)]
    if not valid:
        raise KeyNotFound(
            f"none of the {len(here)} statement keys stored here is valid in this log",
            hint="diptych key list",
        )
    return max(valid, key=lambda keyid: (history.spans[keyid].after, keyid))


def current_signer(workspace: Workspace, log: LogReader) -> Signer:
    """Return the signer for the next record.

    Raises:
        KeyNotFound: no valid statement key of this log is stored here.
        KeyLocked: nothing unlocks it.
    """
    return workspace.keys.statement_signer(current_keyid(workspace, log))


def append_drafts(
    workspace: Workspace, log: Log, drafts: Sequence[Draft], labels: Mapping[str, int] | None = None
) -> range:
    """Sign statements with the current key and append them together."""
    envelopes = sign_statements(drafts, current_signer(workspace, log))
    with log.writer(workspace.lease_terms()) as writer:
        return writer.append(envelopes, labels=labels)
