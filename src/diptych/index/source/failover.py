"""Several sources of one chain as one: those that fail rest, and a quorum must agree on logs."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from diptych.core.errors import LedgerError, UsageError
from diptych.index.blocks import BlockRef, Chunk, Span, Wanted
from diptych.index.source.background import in_background
from diptych.index.source.closing import close_source
from diptych.index.source.source import BranchChanged, Identity, NotOffered, Source
from diptych.ledger.errors import MalformedAnswer, WrongChain
from diptych.ledger.header import ProofMismatch

if TYPE_CHECKING:
    import pyarrow as pa

T = TypeVar("T")
_FIRST_REST_S = 1.0
_LONGEST_REST_S = 60.0
_LOOK_AGAIN_S = 2.0
_NOT_OFFERED = "not offered: "


class AllFailed(LedgerError):
    """No source gave an answer."""

    code = "Index.AllFailed"


class Disagreement(LedgerError):
    """Two sources that are on the same branch told different rows of it."""

    code = "Index.Disagreement"


@dataclass
class _Member:
    """A source and how it fared."""

    source: Source
    name: str = ""
    failures: int = 0
    rests_until_s: float = 0.0
    head: BlockRef | None = None
    looked_s: float = float("-inf")
    identity: Identity | None = None

    @property
    def known_head(self) -> BlockRef:
        if self.head is None:
            raise LedgerError(f"{self.name}: got no head")
        return self.head

    @property
    def height(self) -> int:
        return -1 if self.head is None else self.head.number


class FailoverSource:
    """Sources of one chain.

    The one in use is kept while it answers and is not behind. What fails rests, longer each time,
    and is asked again when nothing else answers. One that is behind is no reorganisation: it is
    asked only for what it has.

    Args:
        sources: the preferred one first.
        quorum: how many must tell the same rows of a span.
        lag: blocks that the one in use may be behind another one.
        monotonic: clock in seconds.
        notice: told when a source fails that did not before.

    Raises:
        UsageError: fewer sources than the quorum.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        *,
        quorum: int = 1,
        lag: int = 1,
        monotonic: Callable[[], float] = time.monotonic,
        notice: Callable[[str], None] = lambda _: None,
    ) -> None:
        if not 1 <= quorum <= len(sources):
            raise UsageError(f"got a quorum of {quorum} with {len(sources)} endpoints")
        self._members = [_Member(one, f"endpoint {place + 1}") for place, one in enumerate(sources)]
        self._quorum, self._lag = quorum, lag
        self._monotonic, self._notice = monotonic, notice
        self._expected: Identity | None = None

    def identity(self) -> Identity:
        """Return which chain this is, with the names of all sources that answered.

        Raises:
            WrongChain: two sources show two chains.
            AllFailed: none answers.
        """
        first = self._first_of(self._identified)
        for member in self._members:
            if member.identity is None:
                self._tried(member, self._identified)
        names = [one.identity.name for one in self._members if one.identity is not None]
        return first._replace(name=", ".join(names))

    def head(self) -> BlockRef:
        """Return the newest block that as many sources have as the quorum asks for.

        Raises:
            AllFailed: too few answer.
        """
        errors = self._look_around()
        ready = [one for one in self._ranked() if one.failures == 0 and one.head is not None]
        if len(ready) < self._quorum:
            for member in self._members:
                errors += [] if member in ready else self._look(member)
            ready = [one for one in self._ranked() if one.failures == 0 and one.head is not None]
        if len(ready) < self._quorum:
            raise _all_failed(errors)
        if self._quorum > 1:
            ready = sorted(ready, key=lambda one: -one.height)
        return ready[self._quorum - 1].known_head

    def _look_around(self) -> list[str]:
        """Ask for heads: of the source in use each time, of others now and then."""
        now, used, errors = self._monotonic(), self._ranked()[0], []
        for member in self._members:
            due = member is used or self._quorum > 1 or now - member.looked_s >= _LOOK_AGAIN_S
            if due and member.rests_until_s <= now:
                errors += self._look(member)
        return errors

    def header(self, number: int) -> BlockRef | None:
        """Return the block of a height, None if no source that answers has it."""
        errors: list[str] = []
        for member in self._ranked():
            answers, problems = self._tried(member, lambda one: one.source.header(number))
            errors += problems
            if answers and answers[0] is not None:
                return answers[0]
        if len(errors) == len(self._members):
            raise _all_failed(errors)
        return None

    def fetch(self, span: Span, wanted: Wanted) -> Chunk:
        """Return what is wanted of a span.

        Raises:
            BranchChanged: its blocks were replaced meanwhile, or sources are on two branches.
            Disagreement: sources on one branch tell different rows.
            NotOffered: no source has it.
            AllFailed: too few sources answer.
        """
        if self._quorum == 1:
            return self._first_of(lambda one: one.source.fetch(span, wanted))
        return self._agreed(span, wanted)

    def wait(self, timeout_s: float) -> None:
        """Wait for a new head of the source in use."""
        self._first_of(lambda one: one.source.wait(timeout_s))

    def close(self) -> None:
        """Close the sources that can be."""
        for member in self._members:
            close_source(member.source)

    def _agreed(self, span: Span, wanted: Wanted) -> Chunk:
        waiting, found, errors = self._ranked(), list[tuple[_Member, Chunk]](), list[str]()
        while len(found) < self._quorum and waiting:
            missing = self._quorum - len(found)
            asked, waiting = waiting[:missing], waiting[missing:]
            flights = [
                in_background(self._tried, member, lambda one: one.source.fetch(span, wanted))
                for member in asked
            ]
            for member, flight in zip(asked, flights, strict=True):
                answers, problems = flight.result()
                found += [(member, answer) for answer in answers]
                errors += problems
        if len(found) < self._quorum:
            raise _all_failed(errors)
        first, chunk = found[0]
        for member, other in found[1:]:
            _compare(first.name, chunk, member.name, other)
        return chunk

    def _first_of(self, ask: Callable[[_Member], T]) -> T:
        errors: list[str] = []
        for member in self._ranked():
            answers, problems = self._tried(member, ask)
            if answers:
                return answers[0]
            errors += problems
        raise _all_failed(errors)

    def _tried(self, member: _Member, ask: Callable[[_Member], T]) -> tuple[list[T], list[str]]:
        """Ask one source; its answer, or what went wrong.

        Raises:
            BranchChanged: the source says so.
            WrongChain: it shows another chain than the others.
        """
        try:
            self._identified(member)
            answer = ask(member)
        except (BranchChanged, WrongChain):
            raise
        except NotOffered as error:
            return [], [f"{_NOT_OFFERED}{error.message}"]
        except LedgerError as error:
            self._failed(member, error)
            return [], [f"{member.name}: {error.message}"]
        member.failures = 0
        return [answer], []

    def _look(self, member: _Member) -> list[str]:
        answers, problems = self._tried(member, lambda one: one.source.head())
        if answers:
            member.head, member.looked_s = answers[0], self._monotonic()
        return problems

    def _identified(self, member: _Member) -> Identity:
        if member.identity is None:
            found = member.source.identity()
            known = self._expected
            if known is not None and found[:2] != known[:2]:
                raise WrongChain(
                    f"{found.name}: got chain {found.chain_id} with first block "
                    f"0x{found.genesis_hash.hex()}, {known.name} has {known.chain_id} with "
                    f"0x{known.genesis_hash.hex()}",
                    hint="name endpoints of one chain",
                )
            self._expected = known or found
            member.identity, member.name = found, found.name
        return member.identity

    def _failed(self, member: _Member, error: LedgerError) -> None:
        if member.failures == 0:
            self._notice(f"{member.name} fails, others are asked: {error.message}")
        lies = isinstance(error, ProofMismatch | MalformedAnswer)
        rest_s = min(_FIRST_REST_S * 2.0 ** (16 if lies else member.failures), _LONGEST_REST_S)
        member.failures = min(member.failures + 1, 16)
        member.rests_until_s = self._monotonic() + rest_s

    def _ranked(self) -> list[_Member]:
        """Return the sources in the order to be asked: rested ones that are not behind first."""
        now = self._monotonic()
        highest = max(one.height for one in self._members)

        def key(member: _Member) -> tuple[bool, bool]:
            return member.rests_until_s > now, member.height < highest - self._lag

        return sorted(self._members, key=key)


def _compare(one: str, chunk: Chunk, two: str, other: Chunk) -> None:
    if chunk.last.hash != other.last.hash:
        raise BranchChanged(f"{one} and {two} have two blocks {chunk.last.number}")
    for kind in ("logs", "transactions", "receipts", "traces"):
        mine: pa.Table | None = getattr(chunk, kind)
        theirs: pa.Table | None = getattr(other, kind)
        if mine is None or theirs is None or mine.equals(theirs):
            continue
        raise Disagreement(
            f"blocks {chunk.span.first} to {chunk.span.last}: got {mine.num_rows} {kind} from "
            f"{one}, {theirs.num_rows} from {two}, not the same{_first_difference(mine, theirs)}",
            hint="index with --verified, or leave out the endpoint that is wrong",
        )


def _first_difference(mine: "pa.Table", theirs: "pa.Table") -> str:
    rows = zip(
        mine.column("block_number").to_pylist(),
        theirs.column("block_number").to_pylist(),
        strict=False,
    )
    for place, (one, two) in enumerate(rows):
        if one != two or not mine.slice(place, 1).equals(theirs.slice(place, 1)):
            return f"; first in block {min(one, two)}"
    return ""


def _all_failed(errors: Sequence[str]) -> LedgerError:
    if errors and all(one.startswith(_NOT_OFFERED) for one in errors):
        return NotOffered("; ".join(one.removeprefix(_NOT_OFFERED) for one in errors))
    errors = [one.removeprefix(_NOT_OFFERED) for one in errors]
    return AllFailed(
        "too few endpoints answer: " + ("; ".join(errors) or "none is ready"),
        hint="diptych chain doctor",
    )
