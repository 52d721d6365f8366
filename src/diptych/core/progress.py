"""Progress of long work: the library reports, the edge decides how to show it (on stderr)."""

from types import TracebackType
from typing import Protocol, Self


class Progress(Protocol):
    """One running task; `advance` is cheap enough to be called once per batch."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None: ...

    def advance(self, amount: int) -> None:
        """Report `amount` more units of work done."""


class ProgressFactory(Protocol):
    """Start a task; `unit` is `B` for bytes, else a noun; `total` may be unknown."""

    def __call__(self, label: str, *, total: int | None = None, unit: str = "B") -> Progress:
        """Return the started task."""
        ...


class _Silent:
    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def advance(self, amount: int) -> None:
        """Drop the report."""


def silent(label: str, *, total: int | None = None, unit: str = "B") -> Progress:
    """Report nothing: the default everywhere below the command line."""
    del label, total, unit
    return _Silent()
