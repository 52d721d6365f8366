"""`diptych model publish`: the next version of a model."""

from pathlib import Path
from typing import Any

import click

from diptych.app.cli.frame import Output, framed
from diptych.app.cli.given import ANY_PATH, FILE, REFERENCE
from diptych.models.errors import BadContributors
from diptych_verify.wording import counted


@click.command()
@click.argument("path", type=ANY_PATH)
@click.argument("name", type=REFERENCE)
@click.option("--card", type=FILE, help="JSON file with use, limits, metrics, code and seed.")
@click.option("--trained-on", multiple=True, type=REFERENCE, help="Data; may be repeated.")
@click.option("--tested-on", multiple=True, type=REFERENCE, help="Data; may be repeated.")
@click.option("--fine-tuned-from", multiple=True, type=REFERENCE, help="Model; may be repeated.")
@click.option("--licence", type=REFERENCE, help="Built-in licence (SPDX id) or licence record.")
@click.option(
    "--contributor",
    "--attributed",
    "contributor",
    multiple=True,
    help="As NAME:role or NAME:role:share; may be repeated.",
)
@click.option("--run", type=REFERENCE, help="Record of the run that made it.")
@click.option("--no-store", is_flag=True, help="Keep digests only; the content stays where it is.")
@click.option("--trust", multiple=True, help="Class that a skops file may hold; may be repeated.")
@framed
def publish(
    *, path: Path, name: str, contributor: tuple[str, ...], no_store: bool, **members: Any
) -> Output:
    """Publish the model at PATH as the next version of NAME.

    PATH is an ONNX, safetensors or skops file, or a folder that holds one; pickles are refused.
    """
    from diptych.app.cli.opening import open_workspace

    published = open_workspace().models.publish(
        path,
        name,
        contributors=[_contributor(text) for text in contributor],
        store=not no_store,
        **members,
    )
    verb = "published" if published.new else "unchanged since it was published:"
    return Output(
        published.to_json(),
        f"{verb} {published.name}@{published.version} ({published.format}, "
        f"{counted(published.tensors, 'tensor')}, {counted(published.parameters, 'parameter')}) "
        f"as record {published.index}: {published.record}",
    )


def _contributor(text: str) -> dict[str, str]:
    parts = [part.strip() for part in text.split(":")]
    if len(parts) not in {2, 3} or not all(parts):
        raise BadContributors(
            f"got '{text[:200]}', expected NAME:role or NAME:role:share",
            hint="--contributor 'Ada:trainer:0.5'",
        )
    return dict(zip(("name", "role", "share"), parts, strict=False))


@click.command()
@framed
def zoo() -> Output:
    """Publish the models that come with diptych into this workspace's registry, once."""
    from diptych.app.cli.opening import open_workspace

    found = open_workspace().models.zoo()
    lines = [
        f"{'published' if one.new else 'there already:'} {one.name}@{one.version} ({one.record})"
        for one in found
    ]
    return Output({"models": [one.to_json() for one in found]}, "\n".join(lines))
