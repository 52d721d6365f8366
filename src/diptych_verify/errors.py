"""The one error root and the errors of verification.

The root stands here, in the package that depends on nothing, so that the offline verifier and the
platform above it raise one kind of error. `diptych.core.errors` re-exports it with the families.
"""

import re
from typing import ClassVar

JsonValue = str | int | float | bool | None | list["JsonValue"] | dict[str, "JsonValue"]
_MAX_TEXT = 4096
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def printable(text: str) -> str:
    r"""Return text fit for a terminal: no escape sequences, no reordering, at most 4096 characters.

    >>> print(printable("got \x1b[2J"))
    got \x1b[2J
    """
    shown = _UNPRINTABLE.sub(lambda match: ascii(match[0])[1:-1], text[: _MAX_TEXT + 1])
    return shown if len(shown) <= _MAX_TEXT else f"{shown[:_MAX_TEXT]}…"


class DiptychError(Exception):
    """Root of every error raised on purpose.

    Attributes:
        code: stable machine name, `Family.Rule`.
        message: one sentence with both values ("got ..., expected ..."), made printable.
        hint: the next command or action, empty when there is none.
        details: JSON-ready evidence, for example both roots of a split view.
        exit_code: what the command line exits with (1 findings or verification failed,
            2 usage or configuration, 3 environment).
    """

    code: ClassVar[str] = "Diptych.Error"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "", **details: JsonValue) -> None:
        self.message = printable(message)
        self.hint = printable(hint)
        super().__init__(self.message)
        self.details: dict[str, JsonValue] = details

    def to_json(self) -> dict[str, JsonValue]:
        """Return the error as the object that `--json` prints."""
        return {
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "details": self.details,
        }


class VerificationError(DiptychError):
    """Evidence was checked and refused: the thing is not what it claims to be."""

    code = "Verify.Failed"


class MalformedError(VerificationError):
    """Input cannot be decoded: wrong syntax, size, depth, type or encoding."""

    code = "Verify.Malformed"


class BadSignature(VerificationError):
    """A signature does not verify under the key it names."""

    code = "Verify.BadSignature"


class NotIncluded(VerificationError):
    """An inclusion proof does not lead to the root of the checkpoint."""

    code = "Verify.NotIncluded"


class DigestMismatch(VerificationError):
    """Bytes do not have the digest that was sealed."""

    code = "Verify.DigestMismatch"


class UntrustedKey(VerificationError):
    """A key signed that the trust policy does not list, or that was revoked before."""

    code = "Verify.UntrustedKey"


class SplitView(VerificationError):
    """Two checkpoints of one log contradict each other; `details` holds both roots."""

    code = "Log.SplitView"


class Rollback(VerificationError):
    """A log is shorter than it is known to have been; `details` holds both roots."""

    code = "Log.Rollback"


class AnchorMismatch(VerificationError):
    """Chain evidence does not show this checkpoint in this contract and block."""

    code = "Verify.AnchorMismatch"


class RequirementUnmet(VerificationError):
    """The trust policy requires an answer that the evidence does not prove."""

    code = "Verify.RequirementUnmet"


class IdentityMismatch(VerificationError):
    """Evidence of an identity is about another key, or the key did not sign the claim itself."""

    code = "Verify.IdentityMismatch"


class IdentityRevoked(VerificationError):
    """A certificate or credential behind a key is revoked, and was perhaps before it signed."""

    code = "Verify.IdentityRevoked"
