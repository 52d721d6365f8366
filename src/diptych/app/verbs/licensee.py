"""Licensees without names: key ids as they are, anything else as a pseudonym of this workspace.

A pseudonym is an HMAC under the workspace's private master key, so that only we can tell who it is
and two workspaces call the same person differently. Names stand in `private/` alone.
"""

import hmac
import json
import re
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256

from diptych.app.verbs.signing import current_keyid
from diptych.app.workspace import Workspace
from diptych.core.errors import UsageError
from diptych.core.register import change_register
from diptych.provenance.keys.errors import KeyNotFound
from diptych.provenance.keys.key import Purpose
from diptych.provenance.keys.records import key_history
from diptych.provenance.log import LogReader

PSEUDONYM = "hmac:"
_KNOWN = re.compile(r"ed25519:[0-9a-f]{64}|secp256k1:[0-9a-f]{66}|hmac:[0-9a-f]{40}")
_MAX_NAME = 2_048  # also an RSA key as ssh writes it


class BadLicensee(UsageError):
    """A licensee's name is empty, too long, or not printable."""

    code = "Licence.BadLicensee"


def licensee_id(workspace: Workspace, name: str) -> str:
    """Return how records call a licensee.

    Args:
        workspace: whose private key makes pseudonyms.
        name: a key id, a pseudonym, or any name or address, which gets a pseudonym.

    Raises:
        BadLicensee: it is empty, too long or not printable.
        KeyLocked: a pseudonym is needed and the private master key cannot be unlocked.
    """
    if _KNOWN.fullmatch(name):
        return name
    if not name.isprintable() or not name.strip() or len(name) > _MAX_NAME:
        raise BadLicensee(f"got licensee {name[:80]!r}, expected a key id or a printable name")
    message = b"diptych-licensee/1\0" + name.strip().encode()
    return PSEUDONYM + hmac.new(workspace.keys.private_key(), message, sha256).hexdigest()[:40]


def remember_licensee(workspace: Workspace, name: str) -> str:
    """Return the licensee's id, and keep the name for our own lists.

    Raises:
        BadLicensee: it is empty, too long or not printable.
        KeyLocked: the private master key cannot be unlocked.
    """
    licensee = licensee_id(workspace, name)
    if licensee != name:
        given = name.strip()
        if licensee_names(workspace).get(licensee) != given:
            change_register(
                workspace.place.licensees,
                lambda known: {**(known if isinstance(known, dict) else {}), licensee: given},
            )
    return licensee


def licensee_names(workspace: Workspace) -> dict[str, str]:
    """Return the names that were given to pseudonyms here; empty if the file is not ours."""
    try:
        found = json.loads(workspace.place.licensees.read_bytes())
    except (OSError, ValueError):
        return {}
    return {str(key): str(name) for key, name in found.items()} if isinstance(found, dict) else {}


def own_key(workspace: Workspace, log: LogReader, preferred: Sequence[str] = ()) -> str:
    """Return the key id under which this workspace uses something; empty if it has no key.

    Args:
        workspace: whose keys.
        log: says which of them are valid.
        preferred: taken if one of them is ours and valid, for example who signed the asset.
    """
    here = [file.keyid for file in workspace.keys.files(Purpose.STATEMENT)]
    history = key_history(log)
    signing = [one for one in here if one in preferred and history.is_valid(one, log.size)]
    with suppress(KeyNotFound):
        return (signing or [current_keyid(workspace, log)])[0]
    return (here or [""])[0]
