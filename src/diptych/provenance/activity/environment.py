"""The environment lock: which distributions are installed, found by their folder names alone.

Reading every METADATA file, as `importlib.metadata` does, costs a hundred times more.
"""

import hashlib
import os
import platform
import re
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from diptych.core.errors import JsonValue, MalformedError
from diptych.provenance.activity.redact import is_secret_name
from diptych_verify.jsonio import ObjectReader

_PREFIXES = (
    *("OPENBLAS_", "OMP_", "MKL_", "KMP_", "BLIS_", "GOTO_", "VECLIB_", "NVPL_", "NUMEXPR_"),
    *("ONEDNN_", "DNNL_", "NPY_", "CUBLAS_", "CUDNN_"),
)
_NAMES = frozenset(
    [
        *("PYTHONHASHSEED", "GLIBC_TUNABLES", "ATEN_CPU_CAPABILITY", "NVIDIA_TF32_OVERRIDE"),
        *("CUDA_VISIBLE_DEVICES", "TF_DETERMINISTIC_OPS", "TF_ENABLE_ONEDNN_OPTS", "XLA_FLAGS"),
    ]
)
_MOST_VARIABLES = 64
TOOLS = frozenset({"diptych", "pip", "setuptools", "wheel"})
"""Distributions that a replay does not take as they were: they compute no result."""
_VALUE = re.compile(r"[0-9A-Za-z:,._=+ -]{0,128}")
_FOLDER = re.compile(
    r"([A-Za-z0-9][A-Za-z0-9._]*)-([0-9][A-Za-z0-9.!+_]*?)(?:-py[0-9.]+)?\.\w+-info"
)
_MOST = 10_000


@dataclass(frozen=True)
class Environment:
    """The interpreter and what is installed beside it.

    Attributes:
        python: version, for example `3.11.4`.
        implementation: for example `CPython`.
        platform: for example `linux-x86_64`.
        variables: those that change what numeric libraries compute; no others are ever recorded.
        distributions: (normalised name, version), sorted.
        local: names of those that were installed from a folder or address, not from an index.
    """

    python: str
    implementation: str
    platform: str
    variables: Mapping[str, str]
    distributions: tuple[tuple[str, str], ...]
    local: tuple[str, ...] = ()

    def lock(self) -> str:
        """Return the lock as a requirements file."""
        return "".join(f"{name}=={version}\n" for name, version in self.distributions)

    def lock_digest(self) -> str:
        """Return the hex SHA-256 of the lock."""
        return hashlib.sha256(self.lock().encode()).hexdigest()

    def to_json(self) -> dict[str, JsonValue]:
        """Return its part of the run document."""
        return {
            "python": self.python,
            "implementation": self.implementation,
            "platform": self.platform,
            "variables": dict(self.variables),
            "distributions": [[name, version] for name, version in self.distributions],
            "local": list(self.local),
            "lock": self.lock_digest(),
        }

    @classmethod
    def parse(cls, reader: ObjectReader) -> "Environment":
        """Read its part of a run document.

        Raises:
            MalformedError: a field is missing or wrong, or the digest is not that of the list.
        """
        inner = reader.object("variables")
        variables = {name: inner.text(name, max_characters=128) for name in inner.members}
        if len(variables) > _MOST_VARIABLES or not all(map(changes_results, variables)):
            raise reader.wrong("variables", "variables that change what numeric libraries compute")
        pairs = reader.items("distributions", maximum=_MOST)
        made = cls(
            reader.text("python", max_characters=64),
            reader.text("implementation", max_characters=64),
            reader.text("platform", max_characters=128),
            variables,
            tuple(map(_pair, pairs)),
            reader.texts("local", maximum=_MOST),
        )
        if reader.text("lock", max_characters=64) != made.lock_digest():
            raise reader.wrong("lock", "the digest of the list of distributions")
        reader.done()
        return made


def take_environment(
    *, path: Sequence[str] | None = None, environ: Mapping[str, str] | None = None
) -> Environment:
    """Return the environment of this process.

    Args:
        path: folders to look in, by default `sys.path`; the first one that has a name wins.
        environ: environment variables, by default this process's.
    """
    environ = os.environ if environ is None else environ
    found: dict[str, str] = {}
    local: list[str] = []
    for folder in dict.fromkeys(sys.path if path is None else path):
        for name, version, info in _distributions(folder):
            if name not in found:
                found[name] = version
                if os.path.exists(os.path.join(info, "direct_url.json")):
                    local.append(name)
    return Environment(
        platform.python_version(),
        platform.python_implementation(),
        sysconfig.get_platform(),
        _variables(environ),
        tuple(sorted(found.items())),
        tuple(sorted(local)),
    )


def changes_results(name: str) -> bool:
    """Tell whether an environment variable changes what numeric libraries compute.

    >>> changes_results("OPENBLAS_CORETYPE"), changes_results("PATH")
    (True, False)
    """
    return name in _NAMES or name.startswith(_PREFIXES)


def _variables(environ: Mapping[str, str]) -> dict[str, str]:
    chosen = sorted(
        name
        for name, value in environ.items()
        if changes_results(name) and _VALUE.fullmatch(value) and not is_secret_name(name, value)
    )
    return {name: environ[name] for name in chosen[:_MOST_VARIABLES]}


def _distributions(folder: str) -> Iterator[tuple[str, str, str]]:
    try:
        names = sorted(os.listdir(folder or "."))
    except OSError:
        return
    for name in names:
        if name.endswith(("-info",)):
            match = _FOLDER.fullmatch(name)
            if match is not None:
                plain = re.sub(r"[-_.]+", "-", match[1]).lower()  # PEP 503
                yield plain, match[2].replace("_", "-"), os.path.join(folder, name)


def _pair(value: JsonValue) -> tuple[str, str]:
    match value:
        case [str(name), str(version)]:
            return name, version
    raise MalformedError("run.environment.distributions: expected [name, version]")
