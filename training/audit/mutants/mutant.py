"""What a pair is, which classes of fault there are, and what counts as finding one."""

from typing import NamedTuple

__all__ = ["CLASSES", "Edit", "Mutant", "apply"]

CLASSES: dict[str, tuple[str, ...]] = {
    "no-access-control": ("access_control",),
    "no-caller-check": ("access_control",),
    "tx-origin": ("access_control",),
    "open-initialiser": ("access_control",),
    "arbitrary-from": ("access_control", "other"),
    "delegate-to-input": ("access_control",),
    "open-callback": ("access_control",),
    "effects-after-call": ("reentrancy",),
    "no-lock": ("reentrancy",),
    "unchecked-block": ("arithmetic",),
    "dropped-bound": ("arithmetic",),
    "truncating-cast": ("arithmetic",),
    "division-first": ("arithmetic",),
    "rounding": ("arithmetic", "other"),
    "share-inflation": ("arithmetic", "other"),
    "unchecked-call": ("unchecked_low_level_calls",),
    "unchecked-token": ("unchecked_low_level_calls",),
    "push-payment": ("denial_of_service",),
    "unbounded-loop": ("denial_of_service",),
    "balance-equality": ("denial_of_service", "other"),
    "predictable-randomness": ("bad_randomness",),
    "no-slippage": ("front_running",),
    "order-dependence": ("front_running",),
    "time-decision": ("time_manipulation", "bad_randomness"),
    "no-nonce": ("access_control", "other", "front_running"),
    "no-zero-signer": ("access_control", "other"),
    "no-domain": ("access_control", "other"),
    "packed-hash": ("access_control", "other"),
    "stale-price": ("other", "time_manipulation"),
    "spot-price": ("other", "front_running"),
    "locked-ether": ("other", "denial_of_service"),
    "value-in-loop": ("other", "arithmetic", "access_control", "denial_of_service"),
}
"""Classes of fault with the categories in which a finding counts; the first is the label."""


class Edit(NamedTuple):
    """Source to put in the place of a stretch of bytes."""

    start: int
    end: int
    text: bytes = b""


class Mutant(NamedTuple):
    """One pair: the same file with and without a fault, and where it is.

    `added` says that the twin lacks the whole function.
    """

    kind: str
    base: str
    contract: str
    function: str
    fault: bytes
    twin: bytes
    line: int
    added: bool = False

    @property
    def category(self) -> str:
        """The label of the fault."""
        return CLASSES[self.kind][0]


def apply(source: bytes, edits: tuple[Edit, ...]) -> bytes:
    """Return the source with edits made, last first."""
    for edit in sorted(edits, reverse=True):
        source = source[: edit.start] + edit.text + source[edit.end :]
    return source
