"""Why a replay came out otherwise: compare two captures, then vary one circumstance at a time.

The pure part of `diptych model reproduce`. A factor is in state `recorded` if the replay takes it
as it was recorded, and `present` if it takes it as it is now.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from diptych.core.errors import JsonValue
from diptych.provenance.activity.capture import Capture
from diptych.provenance.activity.environment import TOOLS, Environment

FACTORS = ("seed", "data", "code", "library", "hardware")
_SHOWN = 8
RECORDED = "recorded"
PRESENT = "present"


@dataclass(frozen=True)
class Facts:
    """The circumstances of one run that can explain a different result.

    Attributes:
        seed: None if none was given.
        data: root or record (hex) of each input, by reference.
        capture: code, environment and hardware.
    """

    seed: int | None
    data: Mapping[str, str]
    capture: Capture


@dataclass(frozen=True)
class Drift:
    """One factor that differs, and how, in a few words each."""

    factor: str
    details: tuple[str, ...]

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `--json` shows."""
        return {"factor": self.factor, "details": list(self.details)}


def differing(before: Facts, now: Facts) -> tuple[Drift, ...]:
    """Return the factors in which two runs differ, in the order of `FACTORS`."""
    found = {
        "seed": _seed(before, now),
        "data": tuple(_changes(before.data, now.data, shown=False)),
        "code": _code(before, now),
        "library": _library(before, now),
        "hardware": _hardware(before, now),
    }
    return tuple(Drift(factor, found[factor][:_SHOWN]) for factor in FACTORS if found[factor])


@dataclass(frozen=True)
class Finding:
    """What the trials say.

    Attributes:
        causes: factors that change the result.
        tested: whether each was varied alone; else they are all that differs.
        trials: replays that were needed.
    """

    causes: tuple[str, ...]
    tested: bool
    trials: int = 0


def isolate(
    suspects: Sequence[str],
    restorable: frozenset[str],
    same: Callable[[Mapping[str, str]], bool],
) -> Finding:
    """Find which of several suspects changes the result.

    A suspect is tested by a replay in which it alone is as it is now, if all others can be taken
    as they were recorded; or else by one in which it alone is as it was recorded.

    Args:
        suspects: factors that differ.
        restorable: factors that can be taken as they were recorded.
        same: replays with the given states and tells whether the recorded result came out.

    Returns:
        What was found; untested if there is one suspect only, or nothing could be varied.

    >>> isolate(["data", "code"], frozenset(["data", "code"]), lambda s: s["data"] == "recorded")
    Finding(causes=('data',), tested=True, trials=2)
    """
    if len(suspects) < 2:
        return Finding(tuple(suspects), tested=False)
    causes: list[str] = []
    unknown: list[str] = []
    trials = 0
    for one in suspects:
        others = [other for other in suspects if other != one]
        if restorable.issuperset(others):
            changes = not same({**dict.fromkeys(others, RECORDED), one: PRESENT})
        elif one in restorable:
            changes = same({**dict.fromkeys(others, PRESENT), one: RECORDED})
        else:
            unknown.append(one)
            continue
        trials += 1
        if changes:
            causes.append(one)
    if causes:
        return Finding(tuple(causes), tested=True, trials=trials)
    return Finding(tuple(unknown or suspects), tested=False, trials=trials)


def _seed(before: Facts, now: Facts) -> tuple[str, ...]:
    hashed = (f.capture.environment.variables.get("PYTHONHASHSEED", "") for f in (before, now))
    pair = (f"seed {before.seed}", f"seed {now.seed}")
    found = [] if pair[0] == pair[1] else [f"{pair[0]}, now {pair[1]}"]
    was, is_ = hashed
    if was != is_:
        found.append(f"PYTHONHASHSEED '{was}', now '{is_}'")
    return tuple(found)


def _code(before: Facts, now: Facts) -> tuple[str, ...]:
    was, is_ = before.capture.code, now.capture.code
    sources, sources_now = dict(was.sources), dict(is_.sources)
    # A file that only one of them loaded says nothing about its content.
    loaded = sources.keys() & sources_now.keys()
    found = [f"{path} changed" for path in sorted(loaded) if sources[path] != sources_now[path]]
    if found:
        return tuple(found)
    if was.commit and is_.commit and was.commit != is_.commit:
        found.append(f"commit {was.commit[:12]}, now {is_.commit[:12]}")
    if was.commit and is_.commit and was.diff != is_.diff:
        found.append("uncommitted changes differ")
    return tuple(found)


def _library(before: Facts, now: Facts) -> tuple[str, ...]:
    was, is_ = before.capture.environment, now.capture.environment
    found = [
        f"{what} {old}, now {new}"
        for what, old, new in (
            ("python", was.python, is_.python),
            ("implementation", was.implementation, is_.implementation),
            ("platform", was.platform, is_.platform),
        )
        if old != new
    ]
    threads = {n: v for n, v in was.variables.items() if n != "PYTHONHASHSEED"}
    threads_now = {n: v for n, v in is_.variables.items() if n != "PYTHONHASHSEED"}
    found += _changes(threads, threads_now, shown=True)
    found += _changes(_libraries(was), _libraries(is_), shown=True)
    return tuple(found)


def _libraries(environment: Environment) -> dict[str, str]:
    """Return what can change a result: not the tools that install, nor ourselves."""
    return {name: version for name, version in environment.distributions if name not in TOOLS}


def _hardware(before: Facts, now: Facts) -> tuple[str, ...]:
    was, is_ = before.capture.hardware, now.capture.hardware
    pairs = (
        ("machine", was.machine, is_.machine),
        ("processor", was.cpu, is_.cpu),
        ("instructions", " ".join(was.flags), " ".join(is_.flags)),
        ("cores", str(was.cores), str(is_.cores)),
        ("GPUs", ", ".join(was.gpus), ", ".join(is_.gpus)),
    )
    return tuple(f"{what} '{old}', now '{new}'" for what, old, new in pairs if old != new)


def _changes(before: Mapping[str, str], now: Mapping[str, str], *, shown: bool) -> Iterator[str]:
    for name in sorted(before.keys() | now.keys()):
        if name not in now:
            yield f"{name} is missing now"
        elif name not in before:
            yield f"{name} is new"
        elif before[name] != now[name]:
            yield f"{name} {before[name]}, now {now[name]}" if shown else f"{name} changed"
