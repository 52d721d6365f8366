"""Compiling what is audited, where that is needed: fixes and gas. A scan never needs it."""

from diptych.audit.compile.artefact import Compiled, CompiledContract
from diptych.audit.compile.errors import CompilerUnavailable, NotCompiled
from diptych.audit.compile.settings import Settings
from diptych.audit.compile.source import Sources, closure
from diptych.audit.compile.toolchain import Toolchain

__all__ = [
    "Compiled",
    "CompiledContract",
    "CompilerUnavailable",
    "NotCompiled",
    "Settings",
    "Sources",
    "Toolchain",
    "closure",
]
