"""`diptych data subjects`: whose rows a private table still holds, for the key holder."""

from collections.abc import Sequence

import click

from diptych.app.cli.frame import Output, framed
from diptych.app.cli.given import REFERENCE
from diptych.app.cli.printing import table

_SHOWN = 8


@click.command()
@click.argument("what", metavar="REF", type=REFERENCE)
@framed
def subjects(*, what: str) -> Output:
    """List whose rows a private table still holds.

    Only whoever holds the private key can read them; erased subjects are not listed.

    Example: diptych data subjects vitals
    """
    from diptych.app.cli.opening import open_workspace

    found = open_workspace().data.subjects(what)
    rows = [(one.subject, str(len(one.leaves)), _some(one.leaves)) for one in found]
    cut = any(len(one.leaves) > _SHOWN for one in found)
    return Output(
        {"subjects": [one.to_json() for one in found]},
        table(rows, ("subject", "rows", "leaves")),
        notes=("--json lists all leaves",) if cut else (),
    )


def _some(leaves: Sequence[int]) -> str:
    more = " …" if len(leaves) > _SHOWN else ""
    return " ".join(map(str, leaves[:_SHOWN])) + more
