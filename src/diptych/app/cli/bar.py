"""Progress bars on stderr, shown only to people (tqdm, imported when first needed)."""

import sys
from types import TracebackType
from typing import Any, Self

from diptych.core.progress import Progress, silent


class _Bar:
    def __init__(self, bar: Any) -> None:
        self._bar = bar

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None:
        self._bar.close()

    def advance(self, amount: int) -> None:
        """Move the bar by `amount`."""
        self._bar.update(amount)


def bar(label: str, *, total: int | None = None, unit: str = "B") -> Progress:
    """Start a bar with rate and, when the total is known, time left; silent off a terminal."""
    if not sys.stderr.isatty():
        return silent(label)
    from tqdm import tqdm

    return _Bar(
        tqdm(
            desc=label,
            total=total,
            unit=unit,
            unit_scale=True,
            unit_divisor=1000,
            leave=False,
            file=sys.stderr,
            delay=0.5,
        )
    )
