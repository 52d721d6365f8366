"""Logical lines as a tree, by their indentation alone: no line can break those after it."""

import re
from dataclasses import dataclass, field

from diptych.audit.syntax.vyper.lines import Line

__all__ = ["MAX_BLOCKS", "Node", "lay_out"]

MAX_BLOCKS = 48
_HEADER = re.compile(
    rb"(?:def|struct|event|interface|contract|flag|enum|error|if|elif|for|while)\b.*:|else\s*:",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Node:
    """A line with the lines that are indented below it."""

    line: Line
    body: "list[Node]" = field(default_factory=list)

    @property
    def end(self) -> int:
        """Byte offset after the last byte of the line and all below it."""
        node = self
        while node.body:
            node = node.body[-1]
        return node.line.end


def lay_out(lines: tuple[Line, ...]) -> list[Node]:
    """Put lines below the nearest header before them that is indented less.

    Blocks more than `MAX_BLOCKS` deep are laid flat.
    """
    roots: list[Node] = []
    open_blocks: list[tuple[int, list[Node]]] = [(-1, roots)]
    for line in lines:
        while open_blocks[-1][0] >= line.indent:
            open_blocks.pop()
        node = Node(line)
        open_blocks[-1][1].append(node)
        if _HEADER.match(line.text) and len(open_blocks) <= MAX_BLOCKS:
            open_blocks.append((line.indent, node.body))
    return roots
