"""`diptych model reproduce`: replay a recorded training and compare what it makes."""

from typing import TYPE_CHECKING

import click

from diptych.app.cli.frame import Output, framed
from diptych.app.cli.given import REFERENCE
from diptych_verify.wording import counted

if TYPE_CHECKING:
    from diptych.app.verbs.model.reproduce import Reproduced


@click.command()
@click.argument("reference", type=REFERENCE)
@click.option(
    "--fresh-environment",
    is_flag=True,
    help="Install the recorded versions into a new environment.",
)
@click.option(
    "--present", is_flag=True, help="Take code, data and seed as they are now, to see drift."
)
@click.option(
    "--timeout",
    "timeout_s",
    type=click.FloatRange(min=0, min_open=True, max=604_800),
    default=3_600.0,
    show_default=True,
    help="Seconds that one replay may take.",
)
@framed
def reproduce(
    *, reference: str, fresh_environment: bool, present: bool, timeout_s: float
) -> Output:
    """Replay a recorded training and compare.

    REFERENCE is a run, or a model or data set that a run made. Its code is executed. The answer
    names what differs from the recorded circumstances, and which of them changes the result.
    """
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.model.reproduce import ReplayOptions
    from diptych.app.verbs.model.reproduce import reproduce as replay

    options = ReplayOptions(fresh=fresh_environment, present=present, timeout_s=timeout_s)
    done = replay(open_workspace(), reference, options)
    lines = [f"{name}: {_compared(before, now)}" for name, before, now in done.outputs]
    lines += [f"{one.factor} differs: {'; '.join(one.details)}" for one in done.drift]
    if done.causes:
        lines.append(f"cause: {', '.join(done.causes)} ({_how(done)})")
    verdict = "reproduced" if done.same else "not reproduced"
    lines.append(f"{verdict}: run '{done.activity}', {counted(done.replays, 'replay')}")
    return Output(done.to_json(), "\n".join(lines), 0 if done.same else 1)


def _compared(before: str, now: str) -> str:
    if before == now:
        return f"same root {before[:16]}"
    return f"recorded {before[:16]}, now {now[:16] or 'missing'}"


def _how(done: "Reproduced") -> str:
    """Say how sure the cause is."""
    if done.tested:
        return "tested by varying it alone"
    if done.causes == ("unknown",):
        return "nothing that is recorded differs"
    return "all that differs" if len(done.causes) == 1 else "not told apart"
