"""Feeds inputs to a reader and judges what it does: success, or one of our errors, soon, and small.

Every input is named by (seed, target, number), so that any of them can be made again.
"""

import json
import re
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.property.fuzz.mutate import mutated

from diptych_verify.errors import DiptychError

BOUND_S = 1.0
BOUND_BYTES = 256 << 20
MAX_MESSAGE_CHARACTERS = 8192
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_MEMORY_EVERY = 64
_STATUS = Path("/proc/self/status")


@dataclass(frozen=True)
class Target:
    """One reader of hostile input.

    Attributes:
        name: for example `parse_bundle`.
        read: takes the input; must return, or raise a `DiptychError`.
        seeds: valid inputs.
        shape: what the mutation knows about the structure, see `mutate.mutated`.
        share: how many inputs of a full run, relative to other targets.
        max_bytes: inputs above this are refused by the reader itself; 0 if it never sees many.
        bound_s: CPU seconds that one input may take.
    """

    name: str
    read: Callable[[bytes], object]
    seeds: Sequence[bytes]
    shape: str
    share: int = 10
    max_bytes: int = 0
    bound_s: float = BOUND_S


@dataclass(frozen=True)
class Defect:
    """An input that a reader did not take as it must."""

    target: str
    number: int
    kind: str
    text: str
    raw: bytes = field(repr=False)


@dataclass
class Tally:
    """What happened to the inputs of one target."""

    inputs: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    slowest_s: float = 0.0
    slowest: int = -1
    grown_bytes: int = 0
    defects: list[Defect] = field(default_factory=list)


def input_of(target: Target, seed: int, number: int) -> bytes:
    """Return one input; the seeds themselves come first."""
    if number < len(target.seeds):
        return target.seeds[number]
    return mutated(Random(f"{seed}:{target.name}:{number}"), target.seeds, target.shape)


def outcome(target: Target, raw: bytes) -> str:
    """Read one input and return the error's code, or `accepted`.

    Raises:
        BaseException: whatever the reader should not have raised.
    """
    try:
        target.read(raw)
    except DiptychError as error:
        _require_printable(error)
        return error.code
    return "accepted"


def _require_printable(error: DiptychError) -> None:
    """Insist that an error can be shown: short, valid UTF-8, JSON-ready, no escape sequences."""
    shown = json.dumps(error.to_json(), ensure_ascii=False, allow_nan=False).encode()
    if not error.code or not error.message or len(error.message) > MAX_MESSAGE_CHARACTERS:
        raise AssertionError(f"{type(error).__name__}: code or message is empty or too long")
    if _CONTROL.search(error.message):
        raise AssertionError(f"{error.code}: the message holds control characters")
    if len(shown) > 64 * MAX_MESSAGE_CHARACTERS:
        raise AssertionError(f"{error.code}: details of {len(shown)} bytes")


def run(
    target: Target,
    numbers: Iterable[int],
    *,
    seed: int,
    before: Callable[[int], None] = lambda number: None,
) -> Tally:
    """Feed the inputs of these numbers.

    Args:
        target: the reader.
        numbers: which inputs.
        seed: which series of inputs.
        before: told the number before each input, so that a crash can be named.
    """
    tally = Tally()
    batch: list[int] = []
    start_bytes = reset_peak()
    with warnings.catch_warnings():
        # A warning would be printed: hostile input must not write to anybody's terminal.
        warnings.simplefilter("error")
        for number in numbers:
            before(number)
            _judge(target, number, input_of(target, seed, number), tally)
            batch.append(number)
            if len(batch) == _MEMORY_EVERY:
                _judge_memory(target, seed, batch, start_bytes, tally)
                batch.clear()
                start_bytes = reset_peak()
        _judge_memory(target, seed, batch, start_bytes, tally)
    return tally


def judge(target: Target, raw: bytes, *, number: int = -1) -> Tally:
    """Judge one input that is given, its memory included."""
    tally = Tally()
    start_bytes = reset_peak()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _judge(target, number, raw, tally)
    tally.grown_bytes = peak_bytes() - start_bytes
    if tally.grown_bytes > BOUND_BYTES:
        text = f"{tally.grown_bytes >> 20} MiB"
        tally.defects.append(Defect(target.name, number, "memory", text, raw))
    return tally


def _judge(target: Target, number: int, raw: bytes, tally: Tally) -> None:
    tally.inputs += 1
    start_s = time.process_time()
    try:
        code = outcome(target, raw)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        code = f"DEFECT {type(error).__name__}"
        text = "".join(traceback.format_exception(error, limit=-6, chain=False))[-2000:]
        tally.defects.append(Defect(target.name, number, "exception", text, raw))
    tally.codes[code] += 1
    taken_s = time.process_time() - start_s
    if taken_s > target.bound_s:
        taken_s = min(taken_s, _again_s(target, raw))
    if taken_s > target.bound_s:
        tally.defects.append(Defect(target.name, number, "slow", f"{taken_s:.1f} s", raw))
    if taken_s > tally.slowest_s:
        tally.slowest_s, tally.slowest = taken_s, number


def _again_s(target: Target, raw: bytes) -> float:
    """Return the time of a second reading: the first may have paid for somebody else's load."""
    start_s = time.process_time()
    try:
        outcome(target, raw)
    except KeyboardInterrupt:
        raise
    except BaseException:
        return time.process_time() - start_s
    return time.process_time() - start_s


def _judge_memory(
    target: Target, seed: int, batch: Sequence[int], start_bytes: int, tally: Tally
) -> None:
    grown = peak_bytes() - start_bytes
    if grown <= BOUND_BYTES:
        tally.grown_bytes = max(tally.grown_bytes, grown)
        return
    for number in batch:
        again = judge(target, input_of(target, seed, number), number=number)
        tally.grown_bytes = max(tally.grown_bytes, again.grown_bytes)
        tally.defects += [one for one in again.defects if one.kind == "memory"]


def reset_peak() -> int:
    """Forget the peak of this process's memory and return what it holds now, in bytes."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return peak_bytes()
    return _status_bytes("VmRSS")


def peak_bytes() -> int:
    """Return the most memory that this process held since `reset_peak`, in bytes."""
    return _status_bytes("VmHWM")


def _status_bytes(name: str) -> int:
    for line in _STATUS.read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) << 10
    raise RuntimeError(f"{_STATUS} has no {name}")
