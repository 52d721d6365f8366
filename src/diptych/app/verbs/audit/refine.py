"""`audit scan --compile`: compilers confirm and refine what was read, where they take it."""

import os
from collections import Counter

from diptych.audit.compile.refine import refine_solidity
from diptych.audit.compile.refine_vyper import refine_vyper
from diptych.audit.compile.toolchain import Toolchain, compiled_cache
from diptych.audit.compile.vyper import VyperToolchain, vyper_cache
from diptych.audit.source.load import LoadedProgram
from diptych.core.progress import ProgressFactory, silent
from diptych_verify.wording import counted

__all__ = ["refined"]

_SHOWN = 5


def refined(
    loaded: LoadedProgram, progress: ProgressFactory = silent
) -> tuple[LoadedProgram, list[str]]:
    """Ask the compilers that the pragmas pick about a program.

    Args:
        loaded: the program.
        progress: how to show what is done.

    Returns:
        The program with what they know of it, and notices: which files were refined by which
        compiler, and why others were not.
    """
    with Toolchain(compiled_cache()) as toolchain:
        first = refine_solidity(loaded, toolchain, progress)
    second = refine_vyper(first.loaded, VyperToolchain(vyper_cache(os.environ)), progress)
    scanned = set(loaded.scanned)
    made = second.loaded
    by = Counter(name for path, name in made.compilers.items() if path in scanned)
    notices = [f"refined by {name}: {counted(by[name], 'file')}" for name in sorted(by)]
    refused = {**first.refused, **second.refused}
    notices += [f"not refined {path}: {why}" for path, why in list(refused.items())[:_SHOWN]]
    if len(refused) > _SHOWN:
        notices.append(f"not refined: {len(refused) - _SHOWN} more files")
    return made, notices
