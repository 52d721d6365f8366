"""What the integrations need of a workspace: `diptych.open()` gives one."""

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any, Protocol, Self

from diptych.core.errors import UsageError

Reference = str | PathLike[str]


class NothingSaved(UsageError):
    """A training is to publish a model, but not told where to save one."""

    code = "Integration.NothingSaved"


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
        trust: Sequence[str] = ...,
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


def require_saved(model: str | None, save: Reference | None) -> None:
    """Refuse a training that would end without the model that it is to publish.

    Raises:
        NothingSaved: there is a name, but no place.
    """
    if model is not None and save is None:
        raise NothingSaved(
            f"model '{model}' is to be published, but nothing is saved",
            hint="say where: save='model.skops' for scikit-learn, save='model' for a Trainer",
        )


def short(value: Any, limit: int = 500) -> Any:
    """Return a value whose text fits into a record: frameworks put whole tables into parameters."""
    if isinstance(value, str) and len(value) > limit:
        return value[: limit - 1] + "…"
    return value
