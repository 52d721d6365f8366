"""diptych: AI makes blockchains smarter and safer; blockchain makes AI trustworthy.

`with diptych.open() as book:` opens the workspace of this folder; `book.seal("study")`,
`book.anchor()` and `book.verify("study")` are the main job.
"""

from typing import TYPE_CHECKING

from diptych.core.lazy import lazy_names

if TYPE_CHECKING:
    from diptych.app.workspace import Workspace, create, open

    __version__: str

__all__ = ["Workspace", "__version__", "create", "open"]

_lazy = lazy_names(
    __name__, dict.fromkeys(("Workspace", "create", "open"), "diptych.app.workspace")
)


def __getattr__(name: str) -> object:
    if name == "__version__":
        from importlib.metadata import version  # slow to import, and seldom asked for

        return version("diptych")
    return _lazy(name)
