"""What one setting may hold, and how its value is read from text or from TOML.

Own code of a few lines: a validation library costs more to import than most commands run.
"""

import math
import re
from typing import Any, Protocol

from diptych.core.secret import Secret

_WHOLE = re.compile(r"-?[0-9]{1,18}")
_REAL = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?(e-?[0-9]{1,2})?")


class Kind(Protocol):
    """The values that a setting takes."""

    @property
    def expected(self) -> str:
        """What is taken, in plain words, for messages and the reference page."""
        ...

    def read(self, value: object, *, from_text: bool) -> Any:
        """Return the value in its own type.

        Args:
            value: as found in the source.
            from_text: the source knows text only, so text is converted; elsewhere a number in
                quotes is a mistake.

        Raises:
            ValueError: the value is not one of this kind; the message never holds it.
        """
        ...


class Text:
    """Any text."""

    expected = "text"

    def read(self, value: object, *, from_text: bool) -> str:
        """Return the text; see `Kind.read`."""
        del from_text
        if not isinstance(value, str):
            raise ValueError
        return value


class Choice:
    """One of some words."""

    def __init__(self, *words: str) -> None:
        self.expected = " / ".join(f"`{word}`" for word in words)
        self._words = words

    def read(self, value: object, *, from_text: bool) -> str:
        """Return the word; see `Kind.read`."""
        del from_text
        if value not in self._words:
            raise ValueError
        return str(value)


class Hidden:
    """A text that is masked wherever it is shown."""

    expected = "secret"

    def read(self, value: object, *, from_text: bool) -> Secret:
        """Return the secret; see `Kind.read`."""
        del from_text
        if isinstance(value, Secret):
            return value
        if not isinstance(value, str):
            raise ValueError
        return Secret(value)


class Whole:
    """A whole number with bounds that belong to it."""

    def __init__(self, least: int, most: int) -> None:
        self.expected = f"whole number, {least:,} to {most:,}"
        self._least, self._most = least, most

    def read(self, value: object, *, from_text: bool) -> int:
        """Return the number; see `Kind.read`."""
        if from_text and isinstance(value, str) and _WHOLE.fullmatch(value):
            value = int(value)
        if type(value) is not int or not self._least <= value <= self._most:
            raise ValueError
        return value


class Real:
    """A finite number; `least` belongs to it unless `exclusive`, `most` always does."""

    def __init__(self, least: float, most: float = math.inf, *, exclusive: bool = False) -> None:
        upper = "" if most == math.inf else f", at most {most:,}"
        self.expected = f"number, {'above' if exclusive else 'at least'} {least:,}{upper}"
        self._least, self._most, self._exclusive = least, most, exclusive

    def read(self, value: object, *, from_text: bool) -> float:
        """Return the number; see `Kind.read`."""
        if from_text and isinstance(value, str) and _REAL.fullmatch(value.lower()):
            value = float(value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError
        fits = math.isfinite(value) and self._least <= value <= self._most
        if not fits or (self._exclusive and value == self._least):
            raise ValueError
        return float(value)
