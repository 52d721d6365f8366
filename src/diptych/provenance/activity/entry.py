"""How a run was started, so that it can be started again."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from diptych.core.errors import JsonValue
from diptych.provenance.activity.redact import MASK, Redactor
from diptych_verify.jsonio import ObjectReader
from diptych_verify.manifest import is_safe_path

KINDS = ("script", "module", "function", "none")
_MAX_WORDS = 256
_MAX_WORD = 4_096


@dataclass(frozen=True)
class Entry:
    """The start of a run.

    Attributes:
        kind: `script`, `module`, `function`, or `none` if it cannot be started again (a notebook,
            a prompt, a program outside the project).
        target: path of the script in the project, dotted module, or `module:function`.
        words: arguments of a script or module.
        arguments: arguments of a function, by name.
        folder: working folder in the project, `.` for the project itself.
    """

    kind: str = "none"
    target: str = ""
    words: tuple[str, ...] = ()
    arguments: Mapping[str, JsonValue] = field(default_factory=dict)
    folder: str = "."

    @property
    def masked(self) -> bool:
        """Whether a secret was left out, without which it cannot be started again."""
        said = (*self.words, *(one for one in self.arguments.values() if isinstance(one, str)))
        return any(MASK in word for word in said)

    def to_json(self) -> dict[str, JsonValue]:
        """Return its part of the run document."""
        return {
            "kind": self.kind,
            "target": self.target,
            "words": list(self.words),
            "arguments": dict(self.arguments),
            "folder": self.folder,
        }

    @classmethod
    def parse(cls, reader: ObjectReader) -> "Entry":
        """Read its part of a run document.

        Raises:
            MalformedError: a field is missing or wrong, or a path would leave the project.
        """
        kind = reader.text("kind", max_characters=16)
        if kind not in KINDS:
            raise reader.wrong("kind", " / ".join(KINDS))
        target, folder = reader.text("target"), reader.text("folder")
        if folder != "." and not is_safe_path(folder):
            raise reader.wrong("folder", "a folder in the project")
        if kind == "script" and not is_safe_path(target):
            raise reader.wrong("target", "a path in the project")
        if kind in {"module", "function"} and not _is_dotted(target.replace(":", ".", 1)):
            raise reader.wrong("target", "a dotted name")
        words = reader.texts("words", maximum=_MAX_WORDS, max_characters=_MAX_WORD)
        arguments = reader.object("arguments").members
        reader.done()
        return cls(kind, target, words, arguments, folder)


def take_entry(project: Path, redactor: Redactor, *, main: ModuleType | None = None) -> Entry:
    """Return how this process was started.

    Args:
        project: folder that paths are relative to.
        redactor: masks secrets among the arguments.
        main: by default the module `__main__`.
    """
    root = os.path.realpath(project)
    folder = _inside(os.getcwd(), root)
    found = main or sys.modules.get("__main__")
    file = getattr(found, "__file__", None)
    script = _inside(str(file), root) if file else None
    words = tuple(word[:_MAX_WORD] for word in redactor.words(sys.argv[1:])[:_MAX_WORDS])
    if folder is None or script is None or found is None or _is_installed(str(file)):
        return Entry()
    spec = getattr(found, "__spec__", None)
    if spec is not None and _is_dotted(str(spec.name)):
        return Entry("module", str(spec.name).removesuffix(".__main__"), words, folder=folder)
    return Entry("script", script, words, folder=folder)


def function_entry(
    function: str, arguments: Mapping[str, JsonValue], *, project: Path, fallback: Entry
) -> Entry:
    """Return the entry of one call of an importable function; of a script's own, the script.

    Args:
        function: `module:qualified name`.
        arguments: by name, plain and masked.
        project: folder that paths are relative to.
        fallback: how the process was started.
    """
    module, _, name = function.partition(":")
    folder = _inside(os.getcwd(), os.path.realpath(project))
    if module == "__main__" or "<" in name or folder is None:
        return fallback
    return Entry("function", function, arguments=arguments, folder=folder)


def _inside(path: str, root: str) -> str | None:
    inner = os.path.relpath(os.path.realpath(path), root).replace(os.sep, "/")
    return inner if inner == "." or is_safe_path(inner) else None


def _is_installed(file: str) -> bool:
    return os.path.realpath(file).startswith(os.path.realpath(sys.prefix) + os.sep)


def _is_dotted(name: str) -> bool:
    return name != "__main__" and all(part.isidentifier() for part in name.split("."))
