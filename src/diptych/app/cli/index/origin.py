"""Options that say where blocks come from."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click

from diptych.app.cli.given import ANY_PATH, REFERENCE

P = ParamSpec("P")
R = TypeVar("R")


def from_origin(function: Callable[..., R]) -> Callable[..., R]:
    """Add `--rpc`, `--quorum`, `--files` and `--chain`; the function gets one `origin`."""

    @click.option(
        "--rpc",
        "urls",
        multiple=True,
        metavar="URL",
        help="JSON-RPC endpoint; may be repeated, later ones step in; ws:// only tells of heads.",
    )
    @click.option(
        "--quorum",
        type=click.IntRange(1, 16),
        default=1,
        help="How many endpoints must tell the same rows.",
    )
    @click.option(
        "--files",
        "paths",
        multiple=True,
        type=ANY_PATH,
        help="era1 file, recording, or a folder of them; may be repeated.",
    )
    @click.option("--chain", "profile", type=REFERENCE, help="Chain profile (`diptych chain add`).")
    @functools.wraps(function)
    def run(
        *,
        urls: tuple[str, ...],
        paths: tuple[Path, ...],
        profile: str | None,
        quorum: int,
        **options: Any,
    ) -> R:
        from diptych.app.cli.frame import frame
        from diptych.app.verbs.index.origin import Origin

        found = tuple(frame().folder / one for one in paths)
        return function(origin=Origin(urls, found, profile, quorum), **options)

    return run
