"""`diptych data release`: publish images that were held back, after a look."""

from pathlib import Path

import click

from diptych.app.cli.frame import Output, framed
from diptych.app.cli.given import FOLDER, REFERENCE
from diptych.core.errors import UsageError
from diptych_verify.wording import counted

_MAX_NUMBER = 200_000
_MAX_DIGITS = 6


class BadNumbers(UsageError):
    """Numbers of images are not written as `1,3-7`."""

    code = "Imaging.BadNumbers"


@click.command()
@click.argument("review", type=FOLDER)
@click.option("--to", type=FOLDER, required=True, help="New or empty folder to write to.")
@click.option(
    "--reason", required=True, metavar="TEXT", help="Who looked and when; it is recorded."
)
@click.option("--only", metavar="NUMBERS", help="These images show no text, as 1,3-7.")
@click.option(
    "--except", "without", metavar="NUMBERS", help="All that the page shows whole, but not these."
)
@click.option("--all", "every", is_flag=True, help="All that the page shows whole.")
@click.option(
    "--with", "rest", type=FOLDER, metavar="CLEANED", help="Take the cleaned folder's files along."
)
@click.option("--name", type=REFERENCE, help="Name of the released data; by default the folder's.")
@framed
def release(
    *,
    review: Path,
    to: Path,
    reason: str,
    name: str | None,
    only: str | None,
    without: str | None,
    every: bool,
    rest: Path | None,
) -> Output:
    """Publish images that `data deidentify` held back, after a person looked at them.

    REVIEW is the folder that it wrote. Only images that were cleaned and checked in this workspace,
    and did not change since, are taken. Say which by --only, --except or --all. With --with and the
    --name of the cleaned data, its next version holds both.

    Example: diptych data release shared-review --to seen --reason 'Dr Y looked' --except 5
    """
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.data.release import Releasing

    if every and without is not None:
        raise BadNumbers("got --all and --except, expected one of them")
    left_out = () if every else _numbers(without)
    how = Releasing(reason, _numbers(only), left_out, name, rest)
    done = open_workspace().data.release(review, to, how)
    text = f"released {counted(done.files, 'image')} as {done.name}@{done.version}: record "
    text += done.record
    if done.taken:
        text += f"\n{counted(done.taken, 'file')} of {rest} taken along"
    if done.held:
        text += f"\n{counted(done.held, 'image')} not released"
    return Output(done.to_json(), text)


def parse_numbers(text: str) -> tuple[int, ...]:
    """Read numbers and ranges.

    Raises:
        BadNumbers: they have another form.

    >>> parse_numbers("1,3-5")
    (1, 3, 4, 5)
    """
    found: set[int] = set()
    for part in text.split(",", _MAX_NUMBER):
        first, dash, last = part.strip().partition("-")
        low, high = _number(first, text), _number(last if dash else first, text)
        if not 1 <= low <= high <= _MAX_NUMBER:
            raise BadNumbers(f"got {part[:40]!a}, expected numbers from 1 to {_MAX_NUMBER:,}")
        found.update(range(low, high + 1))
    return tuple(sorted(found))


def _numbers(text: str | None) -> tuple[int, ...] | None:
    return None if text is None else parse_numbers(text)


def _number(text: str, whole: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS):
        raise BadNumbers(f"got {whole[:40]!a}, expected numbers as 1,3-7")
    return int(text)
