"""Aggregations: an accumulator per bucket of time, folded from the rows of an immutable entity."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from diptych.core.errors import UsageError
from diptych.index.manifest.entity import Entity

Every = Literal["hour", "day", "week"]
SECONDS: dict[Every, int] = {"hour": 3_600, "day": 86_400, "week": 604_800}
BUCKET = "bucket"
COUNT = "count"
TIMESTAMP = "timestamp"


class BadAggregation(UsageError):
    """An aggregation and the entity that it is made of do not fit."""

    code = "Index.BadAggregation"


@dataclass(frozen=True)
class Aggregation:
    """One table of buckets.

    Attributes:
        entity: accumulator; its key `bucket` is the bucket's first second.
        of: name of the immutable entity.
        every: length of a bucket.
    """

    entity: Entity
    of: str
    every: Every


def aggregated(made: Entity, of: Entity, every: tuple[Every, ...]) -> Iterator[Aggregation]:
    """Yield one aggregation for each length; its table is named after both.

    Raises:
        BadAggregation: a field is missing, or of another type.
    """
    _check(made, of)
    for one in every:
        if one not in SECONDS:
            raise BadAggregation(f"{made.name}: got '{one}', expected {', '.join(SECONDS)}")
        name = f"{made.name}{one.capitalize()}"
        yield Aggregation(replace(made, name=name, bucket=BUCKET), of.name, one)


def _check(made: Entity, of: Entity) -> None:
    known = {one.name: one for one in of.fields}
    if not of.immutable or TIMESTAMP not in known:
        raise BadAggregation(
            f"{made.name}: expected '{of.name}' to be immutable and to have a field '{TIMESTAMP}'"
        )
    if BUCKET not in made.keys or not made.folds:
        raise BadAggregation(f"{made.name}: expected a key '{BUCKET}' and at least one fold")
    for one in made.fields:
        if one.name in {BUCKET, COUNT}:
            continue
        source = known.get(one.source or one.name)
        if source is None:
            raise BadAggregation(
                f"{made.name}.{one.name}: '{of.name}' has no field '{one.source or one.name}'",
                hint="name the field to fold by From(...)",
            )
        if one.kind.arrow != source.kind.arrow:
            raise BadAggregation(
                f"{made.name}.{one.name}: got {one.kind.name}, expected {source.kind.name} as in"
                f" '{of.name}'"
            )
