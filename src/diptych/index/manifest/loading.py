"""Manifests from files: a Python file with a `Manifest` in it, or YAML.

A Python manifest is a program of its user: it is run as it stands, as a training script would be.
YAML is data; it names handlers of this package or of a Python file beside it.
"""

import hashlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from diptych.core.errors import DiptychError
from diptych.core.files import CannotUse
from diptych.index.manifest.manifest import BadManifest, Manifest

_MAX_BYTES = 4 << 20
_YAML = {".yaml", ".yml"}


def load_manifest(path: Path) -> Manifest:
    """Return the manifest of a file.

    Args:
        path: `.py` with one module-level `Manifest`, or `.yaml`.

    Raises:
        CannotUse: there is no such file, or it is too large.
        BadManifest: it holds no manifest, more than one, or fails while it is run.
    """
    if not path.is_file() or path.stat().st_size > _MAX_BYTES:
        raise CannotUse(f"there is no file {path.name!a} of at most {_MAX_BYTES:,} bytes")
    if path.suffix in _YAML:
        from diptych.index.manifest.written import read_yaml

        return read_yaml(path.read_bytes(), where=path.name, folder=path.parent)
    if path.suffix != ".py":
        raise BadManifest(f"got manifest {path.name!a}, expected a .py or .yaml file")
    return _run(path)


def load_module(path: Path) -> ModuleType:
    """Run a Python file and return what it defines.

    Raises:
        BadManifest: it is not there, too large, or fails.
    """
    if not path.is_file() or path.stat().st_size > _MAX_BYTES:
        raise BadManifest(f"there is no file {path.name!a} of at most {_MAX_BYTES:,} bytes")
    name = "diptych_manifest_" + hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except DiptychError as error:
        raise type(error)(f"{path.name}: {error.message}", hint=error.hint) from error
    except Exception as error:
        raise BadManifest(
            f"{path.name}: {type(error).__name__}: {error}", hint="run it with python to see where"
        ) from error
    finally:
        del sys.modules[name]
    return module


def _run(path: Path) -> Manifest:
    module = load_module(path)
    found = [one for one in vars(module).values() if isinstance(one, Manifest)]
    if len({id(one) for one in found}) != 1:
        raise BadManifest(
            f"{path.name}: got {len(found)} manifests, expected one",
            hint='write manifest = Manifest("name", ...) at the top level',
        )
    made = found[0]
    made.folder = made.folder or path.parent
    return made
