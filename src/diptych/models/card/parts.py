"""Parts of a model card, each read strictly and written canonically."""

import re
from dataclasses import dataclass
from decimal import Decimal

from diptych.core.errors import JsonValue, MalformedError
from diptych_verify.jsonio import ObjectReader

MAX_TEXT = 4_000
MAX_ROWS = 1_000
_SHARE = re.compile(r"(?:0(?:\.[0-9]{1,18})?|1(?:\.0{1,18})?)")
_HEX = re.compile(r"[0-9a-f]{64}")
SOURCE_ROLES = ("train", "test", "base")


@dataclass(frozen=True)
class Metric:
    """One figure of merit.

    Attributes:
        name: for example `f1`.
        value: the estimate.
        low: lower bound of the confidence interval, None without one.
        high: upper bound.
        confidence: of the interval, for example 0.95.
        data: on what it was measured.
        method: how the interval was computed, for example `bootstrap over tables, 2,000 draws`.
        group: of which subgroup, empty for all.
    """

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    confidence: float | None = None
    data: str = ""
    method: str = ""
    group: str = ""

    def to_json(self) -> dict[str, JsonValue]:
        """Return the metric without members that are empty."""
        return _sparse(vars(self), keep=("name", "value"))

    def is_sound(self) -> bool:
        """Tell whether there is no interval, or a whole one that holds the value."""
        if self.low is None or self.high is None or self.confidence is None:
            return self.low is None and self.high is None and self.confidence is None
        return self.low <= self.value <= self.high and 0 < self.confidence < 1

    @classmethod
    def read(cls, reader: ObjectReader) -> "Metric":
        """Read one metric.

        Raises:
            MalformedError: the interval is incomplete or does not hold the value.
        """
        low, high, confidence = (
            _number(reader, key) if reader.has(key) else None for key in _INTERVAL
        )
        found = cls(
            reader.text("name", max_characters=100),
            _number(reader, "value"),
            low,
            high,
            confidence,
            data=_text(reader, "data"),
            method=_text(reader, "method"),
            group=_text(reader, "group"),
        )
        reader.done()
        if not found.is_sound():
            raise MalformedError(
                f"{reader.where}: expected low <= value <= high and a confidence below 1"
            )
        return found


_INTERVAL = ("low", "high", "confidence")


@dataclass(frozen=True)
class Source:
    """Data or a model that went in: `train`, `test` or `base`, by record id if it is logged."""

    name: str
    role: str
    record: str = ""

    def to_json(self) -> dict[str, JsonValue]:
        """Return the source without members that are empty."""
        return _sparse(vars(self), keep=("name", "role"))

    @classmethod
    def read(cls, reader: ObjectReader) -> "Source":
        """Read one source."""
        role = reader.text("role", max_characters=16)
        if role not in SOURCE_ROLES:
            raise reader.wrong("role", f"one of {', '.join(SOURCE_ROLES)}")
        found = cls(reader.text("name", max_characters=300), role, _digest(reader, "record"))
        reader.done()
        return found


@dataclass(frozen=True)
class Contributor:
    """Who contributed: a name or key id, a role, and a share of what the model earns."""

    name: str
    role: str
    share: str = "0"

    def to_json(self) -> dict[str, JsonValue]:
        """Return all members."""
        return dict(vars(self))

    @classmethod
    def read(cls, reader: ObjectReader) -> "Contributor":
        """Read one contributor; the share is a decimal string from 0 to 1."""
        share = reader.text("share", max_characters=20) if reader.has("share") else "0"
        if _SHARE.fullmatch(share) is None:
            raise reader.wrong("share", "a decimal from 0 to 1 as text, for example '0.25'")
        found = cls(
            reader.text("name", max_characters=200), reader.text("role", max_characters=100), share
        )
        reader.done()
        if not found.name or not found.role:
            raise MalformedError(f"{reader.where}: name and role must not be empty")
        return found


def share_total(contributors: tuple[Contributor, ...]) -> Decimal:
    """Return the sum of the shares, exactly."""
    return sum((Decimal(one.share) for one in contributors), Decimal(0))


@dataclass(frozen=True)
class Code:
    """The code that trained the model: commit, digest of its file, and where it stands."""

    commit: str = ""
    sha256: str = ""
    path: str = ""

    def to_json(self) -> dict[str, JsonValue]:
        """Return the code without members that are empty."""
        return _sparse(vars(self))

    @classmethod
    def read(cls, reader: ObjectReader) -> "Code":
        """Read where the code stands."""
        found = cls(_text(reader, "commit"), _digest(reader, "sha256"), _text(reader, "path"))
        reader.done()
        return found


@dataclass(frozen=True)
class Port:
    """An input or output: name, type and shape; an axis of None may have any length."""

    name: str
    dtype: str
    shape: tuple[int | None, ...]
    description: str = ""

    def to_json(self) -> dict[str, JsonValue]:
        """Return the port without an empty description."""
        return _sparse({**vars(self), "shape": list(self.shape)}, keep=("name", "dtype", "shape"))

    @classmethod
    def read(cls, reader: ObjectReader) -> "Port":
        """Read one input or output."""
        shape: list[int | None] = []
        for axis in reader.items("shape", maximum=32):
            if axis is not None and (isinstance(axis, bool) or not isinstance(axis, int)):
                raise reader.wrong("shape", "lengths of axes, null for any")
            shape.append(axis)
        found = cls(
            reader.text("name", max_characters=300),
            reader.text("dtype", max_characters=32),
            tuple(shape),
            _text(reader, "description"),
        )
        reader.done()
        return found


def _sparse(members: dict[str, JsonValue], keep: tuple[str, ...] = ()) -> dict[str, JsonValue]:
    return {k: v for k, v in members.items() if k in keep or v not in (None, "")}


def _text(reader: ObjectReader, key: str) -> str:
    return reader.text(key, max_characters=MAX_TEXT) if reader.has(key) else ""


def _digest(reader: ObjectReader, key: str) -> str:
    text = _text(reader, key)
    if text and _HEX.fullmatch(text) is None:
        raise reader.wrong(key, "64 hex digits")
    return text


def _number(reader: ObjectReader, key: str) -> float:
    value = reader.raw(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise reader.wrong(key, "a number")
    return float(value)
