"""What the configuration files of Foundry, Brownie, Ape and Soldeer say; nothing is executed."""

import os
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from diptych.audit.plain_json import plain_json
from diptych.audit.source.remappings import Remapping, parse_remappings

__all__ = ["Layout", "project_layout", "project_remappings", "read_config", "read_json"]

_MAX_CONFIG_BYTES = 1 << 20
_MAX_LIBRARIES = 300
_SOLDEER = "dependencies"
_YAML = ("brownie-config.yaml", "brownie-config.yml", "ape-config.yaml", "ape-config.yml")


class Layout(NamedTuple):
    """Folders of a project, from its root, as its configuration names them."""

    sources: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()


def read_config(path: Path) -> str:
    """Read a small configuration file, empty if it is missing, odd or too large."""
    try:
        if not path.is_file() or path.stat().st_size > _MAX_CONFIG_BYTES:
            return ""
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""


def project_layout(root: Path) -> Layout:
    """Return where a project keeps what, as far as its configuration says so."""
    given = _profile(root)
    libraries = [*_strings(given.get("libs", ["lib"])), _SOLDEER, "node_modules", *_modules(root)]
    return Layout(
        sources=tuple(_strings([given.get("src", "")])),
        tests=tuple(_strings([given.get("test", "")])),
        scripts=tuple(_strings([given.get("script", "")])),
        libraries=tuple(dict.fromkeys(each.strip("./") for each in libraries if each.strip("./"))),
    )


def project_remappings(root: Path) -> tuple[Remapping, ...]:
    """Return a project's remappings: its own before those of its libraries, which have a context.

    As Foundry: the profile that `FOUNDRY_PROFILE` names, `remappings.txt`, and those of every
    library below `lib`, whose targets count from the library's folder. A library without any is
    mapped by its own name to its sources, with the least right of all.
    """
    nested: list[Remapping] = []
    guessed: list[Remapping] = []
    for folder in _libraries(root):
        name = folder.relative_to(root).as_posix()
        for each in _own(folder):
            inner = f"{name}/{each.target}"
            nested.append(Remapping(f"{name}/{each.context}", each.prefix, inner))
            guessed.append(Remapping("", each.prefix, inner))
        inside = next((part for part in ("src/", "contracts/") if (folder / part).is_dir()), "")
        guessed.append(Remapping("", f"{folder.name}/", f"{name}/{inside}"))
        guessed.append(Remapping("", f"{folder.name}/", f"{name}/"))
    own = _own(root)
    taken = {each.prefix for each in own if not each.context}
    return (*(each for each in guessed if each.prefix not in taken), *own, *nested)


def _own(root: Path) -> tuple[Remapping, ...]:
    """Return what a folder's own files say, later ones first."""
    lines: list[object] = [*read_config(root / "remappings.txt").splitlines()]
    lines += _strings(_profile(root).get("remappings", []))
    for name in _YAML:
        lines += _yaml_remappings(read_config(root / name))
    return parse_remappings(lines)


def _profile(root: Path) -> dict[str, Any]:
    """Return the profile that counts, over the default one."""
    try:
        profiles = tomllib.loads(read_config(root / "foundry.toml")).get("profile", {})
    except (tomllib.TOMLDecodeError, RecursionError, ValueError):
        return {}
    merged: dict[str, Any] = {}
    for name in ("default", os.environ.get("FOUNDRY_PROFILE", "default")):
        found = profiles.get(name) if isinstance(profiles, dict) else None
        merged |= found if isinstance(found, dict) else {}
    return merged


def _libraries(root: Path) -> Iterator[Path]:
    """Yield the folders of libraries, those in libraries too, a bounded number."""
    pending = [root]
    left = _MAX_LIBRARIES
    for folder in pending:
        for name in project_layout(folder).libraries:
            if name.split("/")[-1] == "node_modules" or ".." in name.split("/"):
                continue
            for each in _folders(folder / name):
                if left <= 0:
                    return
                left -= 1
                pending.append(each)
                yield each


def _folders(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            return sorted(Path(e.path) for e in entries if e.is_dir(follow_symlinks=False))
    except OSError:
        return []


def _modules(root: Path) -> Iterator[str]:
    """Yield the folders above git submodules, which are libraries by another name."""
    for line in read_config(root / ".gitmodules").splitlines():
        key, _, value = line.partition("=")
        parent, _, _ = value.strip().rpartition("/")
        if key.strip() == "path" and parent:
            yield parent


def _yaml_remappings(text: str) -> Iterator[str]:
    """Yield the items of lists named `remappings` or `import_remapping`; no YAML is run."""
    indent = -1
    for line in text.splitlines():
        bare = line.split(" #")[0].strip()
        if not bare:
            continue
        depth = len(line) - len(line.lstrip())
        if bare.split(":")[0] in ("remappings", "import_remapping", "import_remappings"):
            indent = depth
        elif indent >= 0 and bare.startswith("-"):
            yield bare[1:].strip().strip("'\"")
        elif depth <= indent:
            indent = -1


def _strings(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def read_json(path: Path) -> dict[str, Any]:
    """Read a small JSON object, empty if it is none."""
    try:
        found = plain_json((read_config(path) or "{}").encode())
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
