"""Erasures: what a log says was destroyed of a record, as far as a bundle shows it.

An `erased` record names leaves of a private tree (or all of it) whose keys, salts and payload are
destroyed. That says nothing about copies: whoever was shown a field before may still hold it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from diptych_verify.bundle import DisclosedField
from diptych_verify.errors import JsonValue
from diptych_verify.evidence import Answer
from diptych_verify.jsonio import ObjectReader
from diptych_verify.lineage import ERASED, erases
from diptych_verify.log_view import LogView
from diptych_verify.statement import Statement
from diptych_verify.wording import counted

MAX_RUNS: Final = 4_096
_MAX_LEAF: Final = 1 << 48


@dataclass(frozen=True)
class ErasedClaim:
    """What an `erased` record says: `runs` of (first leaf, number of leaves), None for all."""

    runs: tuple[tuple[int, int], ...] | None

    def covers(self, leaf: int) -> bool:
        """Tell whether a leaf is among the erased ones."""
        return self.runs is None or any(first <= leaf < first + n for first, n in self.runs)


def erased_claim(statement: Statement) -> ErasedClaim:
    """Return what an `erased` statement says.

    Raises:
        MalformedError: `predicate.erased` has another form.
    """
    reader = ObjectReader(dict(statement.predicate), "statement.predicate").object(ERASED)
    scope = reader.text("scope", max_characters=16)
    if scope not in ("all", "leaves"):
        raise reader.wrong("scope", "all or leaves")
    if scope == "all":
        reader.done()
        return ErasedClaim(None)
    runs = []
    for value in reader.items("leaves", minimum=1, maximum=MAX_RUNS):
        match value:
            case [int(first), int(count)] if 0 <= first < _MAX_LEAF and 0 < count < _MAX_LEAF:
                runs.append((first, count))
            case _:
                raise reader.wrong("leaves", "pairs of first leaf and number of leaves")
    reader.done()
    return ErasedClaim(tuple(runs))


def with_erasures(answer: Answer, log: LogView, fields: tuple[DisclosedField, ...]) -> Answer:
    """Add to the answer about the artefact what the bundle's `erased` records say.

    Raises:
        MalformedError: an `erased` record is malformed.
    """
    claims = {
        record.index: erased_claim(record.statement)
        for record in log.records
        if erases(record, log.subject)
    }
    if not claims:
        return answer
    shown = sorted(f.index for f in fields if any(one.covers(f.index) for one in claims.values()))
    text = f"{answer.text}; {wording(claims, shown, size=log.checkpoint.size)}"
    return replace(answer, text=text, evidence={**answer.evidence, **facts(claims, shown)})


def facts(claims: Mapping[int, ErasedClaim], shown: list[int]) -> dict[str, JsonValue]:
    """Return the evidence: erasures by log index, and which of the shown leaves they cover."""
    listed: list[JsonValue] = [
        {
            "index": index,
            "leaves": "all" if one.runs is None else [[first, n] for first, n in one.runs],
        }
        for index, one in sorted(claims.items())
    ]
    leaves: list[JsonValue] = list(shown)
    return {"erased": listed, "erased_shown": leaves}


def wording(claims: Mapping[int, ErasedClaim], shown: list[int], *, size: int) -> str:
    """Return half a sentence on erasures.

    >>> print(wording({7: ErasedClaim(((0, 8),))}, [3], size=9))
    1 field shown here was erased (index 7), as of log size 9, on the log's word
    """
    at = ", ".join(str(index) for index in sorted(claims)[:4]) + (", …" if len(claims) > 4 else "")
    where = f"(index {at}), as of log size {size}, on the log's word"
    if shown:
        verb = "was" if len(shown) == 1 else "were"
        return f"{counted(len(shown), 'field')} shown here {verb} erased {where}"
    if any(one.runs is None for one in claims.values()):
        return f"its content was erased {where}"
    total = sum(n for one in claims.values() for _, n in one.runs or ())
    return f"{counted(total, 'leaf').replace('leafs', 'leaves')} of it were erased {where}"
