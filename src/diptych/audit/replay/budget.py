"""How long work on a node may go on, and whether somebody asked it to end."""

import time
from collections.abc import Callable
from typing import Final

from diptych.core.errors import EnvironmentFault

__all__ = ["Budget", "OutOfTime"]


class OutOfTime(EnvironmentFault):
    """The time for proofs is spent, or somebody ended them; what is proven is kept."""

    code = "Audit.OutOfTime"


class Budget:
    """Time for a piece of work; whoever does the work asks from step to step.

    Args:
        limit_s: seconds from now on; None sets no limit.
        monotonic: clock that never goes back, seconds.

    >>> Budget(5.0, monotonic=lambda: 0.0).reason
    ''
    """

    def __init__(
        self, limit_s: float | None = None, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit_s: Final = limit_s
        self._monotonic: Final = monotonic
        self._start_s: Final = monotonic()
        self.interrupted = False

    @property
    def reason(self) -> str:
        """Why work is to end; empty while it may go on."""
        if self.interrupted:
            return "interrupted"
        if self._limit_s is not None and self._monotonic() - self._start_s >= self._limit_s:
            return f"the time of {self._limit_s:g} s is spent"
        return ""

    def interrupt(self) -> None:
        """Ask the work to end after the step that it is in."""
        self.interrupted = True

    def require(self) -> None:
        """Go on only while there is time.

        Raises:
            OutOfTime: there is none, or the work was interrupted.
        """
        if self.reason:
            raise OutOfTime(self.reason, hint="give it more with --budget SECONDS")
