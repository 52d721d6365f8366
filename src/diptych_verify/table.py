"""Tables that were sealed row by row: each row is an aligned block of leaves of the field tree."""

from dataclasses import dataclass
from typing import Final

from diptych_verify.bundle import DisclosedField
from diptych_verify.disclosed import verify_disclosed
from diptych_verify.errors import MalformedError
from diptych_verify.jsonio import ObjectReader
from diptych_verify.statement import Statement
from diptych_verify.wording import counted

MEMBER: Final = "table"
_MAX_LEAVES: Final = 1 << 48


@dataclass(frozen=True)
class TableClaim:
    """What a `private` statement says about a table: leaves of its tree, leaves of one row."""

    leaves: int
    width: int


def table_claim(statement: Statement) -> TableClaim:
    """Return what a statement says about its table.

    Raises:
        MalformedError: `predicate.table` has another form.
    """
    reader = ObjectReader(dict(statement.predicate), "statement.predicate").object(MEMBER)
    claim = TableClaim(
        reader.integer("leaves", minimum=1, maximum=_MAX_LEAVES),
        reader.integer("width", minimum=1, maximum=1 << 20),
    )
    reader.done()
    if claim.leaves & claim.leaves - 1 or claim.width & claim.width - 1:
        raise MalformedError("statement.predicate.table: expected powers of two")
    if claim.width > claim.leaves:
        raise MalformedError("statement.predicate.table: got rows wider than the tree")
    return claim


def verify_table(fields: tuple[DisclosedField, ...], statement: Statement, root: bytes) -> str:
    """Check fields of a table; return a sentence, empty if none is shown.

    Fields of one block of `width` leaves stand in one row.

    Raises:
        NotIncluded: a field is not what was sealed.
        MalformedError: the claim has another form, or a field is of another tree.
    """
    claim = table_claim(statement)
    verify_disclosed(fields, root)
    if not fields:
        return ""
    if fields[0].leaves != claim.leaves:
        raise MalformedError(
            f"bundle.disclosed: got fields of {fields[0].leaves} leaves, expected {claim.leaves}"
        )
    rows = len({field.index // claim.width for field in fields})
    return f"{counted(len(fields), 'field')} of {counted(rows, 'row')} shown, all as sealed"
