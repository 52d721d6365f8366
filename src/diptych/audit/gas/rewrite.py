"""What a rewrite is: a way to write the same thing so that it costs less gas."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from diptych.audit.fixes.edit import Edit
from diptych.audit.gas.site import GasSite
from diptych.audit.syntax.unit import Function

__all__ = ["Candidate", "Rewrite"]


@dataclass(frozen=True)
class Candidate:
    """One place where a rewrite fits.

    Attributes:
        function: the function that changes, None where declarations do.
        subject: what changes, in words that stay the same while other places are rewritten.
        edits: the change.
    """

    function: Function | None
    subject: str
    edits: tuple[Edit, ...]

    @property
    def start(self) -> int:
        """Offset of the first byte that changes."""
        return min(each.start for each in self.edits)


@dataclass(frozen=True)
class Rewrite:
    """A way to save gas.

    Attributes:
        id: short and stable, such as `cached-read`.
        title: what it does.
        find: yields every place of a contract where it fits.
        since: the oldest compiler that knows what it writes.
        moves_storage: whether variables may move in storage or leave it; then it is for contracts
            that are deployed anew only, and refused behind proxies.
        note: what a caller can see of it, if anything.
    """

    id: str
    title: str
    find: Callable[[GasSite], Iterator[Candidate]]
    since: tuple[int, int, int] = (0, 4, 0)
    moves_storage: bool = False
    note: str = ""

    def candidates(self, site: GasSite) -> Iterator[Candidate]:
        """Yield the places where it fits, none for older compilers."""
        if site.version >= self.since and site.contract.tree.kind != "interface":
            yield from self.find(site)
