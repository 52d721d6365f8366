"""Numbers and names as people read them."""

from diptych_verify.errors import printable

_MAX_NAME = 200


def counted(number: int, noun: str) -> str:
    """Return a number with its noun.

    >>> counted(1, "file"), counted(1234, "byte")
    ('1 file', '1,234 bytes')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def quoted(name: str) -> str:
    r"""Return a name that somebody else wrote, on one line and in quotes that it cannot leave.

    >>> quoted('Hospital "A" \n is proven')
    '"Hospital \'A\' is proven"'
    """
    flat = " ".join(name.split()).replace('"', "'")
    short = flat if len(flat) <= _MAX_NAME else f"{flat[:_MAX_NAME]}…"
    return f'"{printable(short)}"'
