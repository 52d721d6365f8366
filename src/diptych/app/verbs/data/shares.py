"""The owner's own list of shares: who stands behind a fingerprint. It never leaves `private/`."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue
from diptych.core.register import change_register, read_register
from diptych.provenance.sharing import Recipient
from diptych.provenance.sharing.recipients import fingerprint

_ACCESS = b"diptych-access/1\0"


@dataclass(frozen=True)
class KnownRecipient:
    """One recipient of one share; `token` is what only the two of us know."""

    recipient: str
    token: bytes = field(repr=False)


class ShareBook:
    """`private/shares.json`: recipients and tokens by share record and fingerprint."""

    def __init__(self, workspace: Workspace) -> None:
        self._path: Path = workspace.place.private / "shares.json"

    def add(self, share: str, recipients: Sequence[tuple[Recipient, bytes]]) -> None:
        """Remember for whom a share was made."""
        made: dict[str, JsonValue] = {
            fingerprint(token, one.text): {"recipient": one.text, "token": token.hex()}
            for one, token in recipients
        }
        change_register(self._path, lambda known: {**_members(known), share: made})

    def find(self, share: str, recipient: str) -> KnownRecipient | None:
        """Return who stands behind a fingerprint, None if it is not known here."""
        members = _members(read_register(self._path)).get(share)
        found = members.get(recipient) if isinstance(members, dict) else None
        if not isinstance(found, dict):
            return None
        return KnownRecipient(str(found["recipient"]), bytes.fromhex(str(found["token"])))


def _members(known: JsonValue) -> dict[str, JsonValue]:
    return known if isinstance(known, dict) else {}


def access_proof(token: bytes, share: str, keyid: str) -> str:
    """Return what shows that a signer opened a share: hex HMAC under the recipient's token."""
    return hmac.digest(token, _ACCESS + f"{share} {keyid}".encode(), sha256).hex()
