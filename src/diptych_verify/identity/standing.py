"""What revocation lists say about evidence, and whether it held when something was signed."""

from collections.abc import Iterable
from dataclasses import dataclass

from diptych_verify.errors import IdentityRevoked, MalformedError
from diptych_verify.evidence import utc


@dataclass(frozen=True)
class Standing:
    """What lists say about one part of evidence, or about all of it.

    Attributes:
        good_at_s: every part stood in good order at this time; None if a part has no list.
        until_s: the lists speak for what was signed up to this time.
        revoked_at_s: a part is revoked since this time, 0 if nobody says since when.
    """

    good_at_s: int | None = None
    until_s: int = 0
    revoked_at_s: int | None = None

    @classmethod
    def of_lists(cls, found: "Iterable[Standing]") -> "Standing":
        """Join what several lists say about one part: the longest word counts, a revocation wins.

        An older list that had it in good order bounds a revocation that bears no time.
        """
        lists = list(found)
        good = [one for one in lists if one.good_at_s is not None]
        best = max(good, key=lambda one: one.until_s, default=cls())
        ends = [one.revoked_at_s for one in lists if one.revoked_at_s is not None]
        if not ends:
            return best
        known = max((one.good_at_s or 0 for one in good), default=0)
        return cls(revoked_at_s=min(ends) or known)

    @classmethod
    def of_parts(cls, parts: "Iterable[Standing]") -> "Standing":
        """Join the parts of evidence: the weakest counts; without parts nothing is known."""
        found = list(parts)
        ends = [one.revoked_at_s for one in found if one.revoked_at_s is not None]
        if ends:
            return cls(revoked_at_s=min(ends))
        times = [one.good_at_s for one in found if one.good_at_s is not None]
        if not found or len(times) < len(found):
            return cls()
        return cls(min(times), min(one.until_s for one in found))

    def at(self, what: str, *, signed_s: int, proven_s: int | None) -> str:
        """Return in words what the lists say about a signature; empty if they say nothing.

        Args:
            what: `certificate` or `credential`.
            signed_s: when it was signed, as its signer claims.
            proven_s: before this it was signed for sure, None if nothing shows that.

        Raises:
            IdentityRevoked: revoked, and not shown to be signed before.
        """
        if self.revoked_at_s is not None:
            if proven_s is not None and proven_s < self.revoked_at_s:
                return f"{what} revoked at {_shown(self.revoked_at_s)}, after that"
            since = f"since {_shown(self.revoked_at_s)}" if self.revoked_at_s else "by its issuer"
            raise IdentityRevoked(
                f"the {what} behind the signing key is revoked {since}, and nothing that the "
                "policy trusts shows that this was signed before",
                hint="ask for a time stamp or an anchor from before the revocation",
                revoked_at_s=self.revoked_at_s,
            )
        if self.good_at_s is None:
            return ""
        if signed_s > self.until_s:
            return f"{what} revocation not checked: its list ended at {_shown(self.until_s)}"
        return f"{what} not revoked as of {_shown(self.good_at_s)}"


def _shown(time_s: int) -> str:
    try:
        return utc(time_s)
    except MalformedError:
        return f"{time_s} s"
