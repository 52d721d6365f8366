"""Numbers as people read them."""


def counted(number: int, noun: str) -> str:
    """Return a number with its noun.

    >>> counted(1, "file"), counted(1234, "byte")
    ('1 file', '1,234 bytes')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
