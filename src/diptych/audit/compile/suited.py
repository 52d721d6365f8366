"""Whether files hold Solidity at all: fixes and rewrites are for nothing else."""

from collections.abc import Iterable, Iterator

from diptych.audit.compile.errors import CompilerUnavailable, NoSolidity, NotCompiled
from diptych.audit.compile.settings import Settings
from diptych.audit.compile.source import closure
from diptych.audit.compile.toolchain import Toolchain
from diptych.audit.source.load import LoadedProgram
from diptych.audit.syntax.evm.reader import LANGUAGE as BYTECODE
from diptych.audit.syntax.unit import SourceUnit

__all__ = ["partly_read", "require_solidity", "uncompiled", "unsuited"]

_MAX_SHOWN = 5


def unsuited(loaded: LoadedProgram, path: str) -> str:
    """Return why a file has no source that a Solidity compiler could take, empty if it has."""
    tree = next(unit.tree for unit in loaded.program.units if unit.path == path)
    if tree.language == BYTECODE:
        return "holds bytecode, not Solidity"
    if tree.language != "solidity":
        return f"holds {tree.language.capitalize()}, not Solidity"
    if not _is_bare(tree):
        return ""
    told = loaded.reasons.get(path, ())
    return "holds no Solidity" + (f" ({told[0]})" if told else "")


def _is_bare(tree: SourceUnit) -> bool:
    return not (tree.contracts or tree.imports or tree.pragmas) and tree.free.is_empty


def require_solidity(loaded: LoadedProgram) -> dict[str, str]:
    """Return why some of the scanned files are left out, by path.

    Raises:
        NoSolidity: there is none in any of them.
    """
    found = {path: unsuited(loaded, path) for path in loaded.scanned}
    left = {path: reason for path, reason in found.items() if reason}
    if len(left) == len(found):
        raise NoSolidity(
            "; ".join(_shortened(f"{path}: {reason}" for path, reason in left.items())),
            hint="name a Solidity file, or a folder with some",
        )
    return left


def partly_read(loaded: LoadedProgram) -> dict[str, str]:
    """Return why some scanned files are read in part only, by path."""
    return {
        path: "; ".join(_shortened(loaded.reasons[path]))
        for path in loaded.scanned
        if loaded.reasons.get(path)
    }


def uncompiled(loaded: LoadedProgram, path: str, toolchain: Toolchain) -> str:
    """Return why no compiler takes a file, empty if one does or none can be asked."""
    try:
        toolchain.compile(closure(loaded, path), Settings())
    except NotCompiled as error:
        return f"does not compile: {error.message.splitlines()[0]}"
    except CompilerUnavailable:
        return ""
    return ""


def _shortened(lines: Iterable[str]) -> Iterator[str]:
    listed = list(lines)
    yield from listed[:_MAX_SHOWN]
    if len(listed) > _MAX_SHOWN:
        yield f"and {len(listed) - _MAX_SHOWN} more"
