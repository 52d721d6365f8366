"""What the integrations need of a workspace: `diptych.open()` gives one."""

from collections.abc import Mapping
from os import PathLike
from typing import Any, Protocol, Self

Reference = str | PathLike[str]


class RecordedRun(Protocol):
    """A running activity, as `book.run` gives it."""

    @property
    def id(self) -> str:
        """32 hex digits, random."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: Any) -> None: ...

    def use(self, what: object, *, private: bool = ..., role: str = ...) -> Any:
        """Say that something is used."""
        ...

    def produce(
        self,
        path: Reference,
        *,
        private: bool = ...,
        name: str = ...,
        model: str | None = ...,
        card: Mapping[str, Any] | None = ...,
    ) -> Any:
        """Say that a file or folder is made."""
        ...

    def note(self, **values: Any) -> None:
        """Add results."""
        ...


class Book(Protocol):
    """The part of a workspace that the integrations use."""

    def run(
        self,
        activity: str,
        *,
        params: Mapping[str, Any] | None = ...,
        seed: int | None = ...,
        seed_generators: bool = ...,
        keep_message: bool = ...,
    ) -> RecordedRun:
        """Return a run to be used as a context manager."""
        ...

    def verify(self, what: str, *, path: Any = ...) -> Any:
        """Compare files with what was sealed under a name."""
        ...


def short(value: Any, limit: int = 500) -> Any:
    """Return a value whose text fits into a record: frameworks put whole tables into parameters."""
    if isinstance(value, str) and len(value) > limit:
        return value[: limit - 1] + "…"
    return value
