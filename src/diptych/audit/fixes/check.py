"""What a fix must pass before anybody sees it.

Findings first (cheap), then the compiler, the ABI and storage, and last the replay.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from diptych.audit.compile import (
    Compiled,
    CompiledContract,
    NotCompiled,
    Settings,
    Sources,
    closure,
)
from diptych.audit.compile.layout import Layout, read_layout, source_layout
from diptych.audit.compile.linking import linked
from diptych.audit.compile.toolchain import Toolchain
from diptych.audit.finding import Finding
from diptych.audit.fixes.errors import Withheld
from diptych.audit.fixes.upgrades import is_upgradeable
from diptych.audit.graph.program import ContractNode, Program, Unit
from diptych.audit.replay.compare import Subject
from diptych.audit.rules.rule import Rule
from diptych.audit.scan import scan_program
from diptych.audit.source.load import LoadedProgram
from diptych.audit.source.text import SourceText
from diptych.audit.syntax.solidity.reader import read_solidity

__all__ = [
    "Build",
    "code_of",
    "compare_builds",
    "compare_findings",
    "compile_build",
    "compile_problem",
    "fixed_layouts",
    "with_text",
]

_MAX_SUBJECTS = 3
LayoutTest: TypeAlias = Callable[[ContractNode, Layout | None, Layout | None], None]
"""Raises `Withheld` where storage changed in a way that a change must not have."""


@dataclass(frozen=True)
class Build:
    """A program with what a compiler made of the closure of one of its files."""

    loaded: LoadedProgram
    sources: Sources
    compiled: Compiled
    libraries: dict[str, str]

    def subjects(self) -> Iterator[tuple[ContractNode, CompiledContract]]:
        """Yield every contract of the closure as source and as bytecode."""
        for node in self.loaded.program.contracts:
            name = self.sources.names.get(node.unit.path)
            found = self.compiled.contracts.get((name or "", node.tree.name))
            if found is not None:
                yield node, found


def with_text(loaded: LoadedProgram, path: str, data: bytes) -> LoadedProgram:
    """Return the program with another text for one file."""
    made: dict[str, Unit] = {}
    for unit in loaded.program.units:
        if unit.path == path:
            made[path] = Unit(path, read_solidity(data), data)
        else:
            made[unit.path] = Unit(unit.path, unit.tree, loaded.texts[unit.path].data)
    for unit in loaded.program.units:
        made[unit.path].imports = tuple(made[each.path] for each in unit.imports)
    texts = {**loaded.texts, path: SourceText(path, data)}
    return replace(loaded, program=Program(tuple(made.values())), texts=texts)


def compile_build(
    toolchain: Toolchain,
    loaded: LoadedProgram,
    path: str,
    settings: Settings,
    *,
    version: str = "",
    others: Collection[str] = (),
) -> Build:
    """Compile the closure of a file, and of others with it; see `Toolchain.compile`."""
    sources = closure(loaded, path, others)
    compiled, libraries = linked(toolchain.compile(sources, settings, version))
    return Build(loaded, sources, compiled, libraries)


def counted(findings: Sequence[Finding]) -> Counter[tuple[str, str, str, str]]:
    """Count findings by rule, path, contract and function."""
    return Counter(
        (f.rule.id, f.location.path, f.location.contract, f.location.function) for f in findings
    )


def compare_findings(
    finding: Finding, before: Sequence[Finding], loaded: LoadedProgram, rules: Sequence[Rule]
) -> tuple[Finding, ...]:
    """Scan a changed program: the finding must be gone, and no new one may have come.

    Raises:
        Withheld: it is still there, or another one came.
    """
    path = finding.location.path
    unit = next(unit for unit in loaded.program.units if unit.path == path)
    if unit.tree.problems:
        raise Withheld("the changed file cannot be read")
    after = scan_program(loaded, rules).findings
    old, new = counted(before), counted(after)
    (key,) = counted([finding])
    if new[key] >= old[key]:
        raise Withheld(f"rule {finding.rule.id} still speaks after the change")
    for came, count in new.items():
        if count > old[came]:
            raise Withheld(f"the change brings a new finding: {came[0]} in {came[3] or came[2]}")
    return after


def same_layouts(node: ContractNode, old: Layout | None, new: Layout | None) -> None:
    """Let variables be appended, though not behind a proxy.

    Raises:
        Withheld: something else changed, or cannot be compared.
    """
    if old is None or new is None:
        if old is not new:
            raise Withheld(f"the storage layout of {node.tree.name} cannot be compared")
        return
    was, now = old.described(), new.described()
    if now[: len(was)] != was:
        raise Withheld(f"a variable of {node.tree.name} would move in storage")
    if len(now) > len(was) and is_upgradeable(node):
        raise Withheld(f"{node.tree.name} runs behind a proxy, so its storage must not grow")


def fixed_layouts(node: ContractNode, old: Layout | None, new: Layout | None) -> None:
    """Let no variable come, for contracts that were not compiled derive from this one.

    Raises:
        Withheld: something changed, or cannot be compared.
    """
    same_layouts(node, old, new)
    if old is not None and new is not None and old.described() != new.described():
        raise Withheld(f"contracts in other files derive from {node.tree.name} and may move")


def compare_builds(
    before: Build, after: Build, contract: str, *, layouts: LayoutTest = same_layouts
) -> list[tuple[Subject, Subject]]:
    """Compare ABI and storage of every contract.

    Args:
        before: the original.
        after: what it became.
        contract: name of the contract that was changed.
        layouts: refuses a change of storage, by default everything but variables appended.

    Returns:
        The contracts whose code changed, to replay; if none did, those that hold what was changed,
        with the same code twice.

    Raises:
        Withheld: a function, an event or a variable in storage changed.
    """
    changed: list[tuple[Subject, Subject]] = []
    same: list[tuple[Subject, Subject]] = []
    new = {(c.source, c.name): (node, c) for node, c in after.subjects()}
    for node, old in before.subjects():
        if (old.source, old.name) not in new:
            raise Withheld(f"contract {old.name} is gone")
        other, made = new[old.source, old.name]
        _compare_abi(old, made)
        pair = _layout(node, old), _layout(other, made)
        layouts(node, *pair)
        if old.deployable and code_of(old) != code_of(made):
            changed.append(
                (
                    Subject(old, pair[0], before.libraries),
                    Subject(made, pair[1], after.libraries),
                )
            )
        elif old.deployable and old.selectors and _holds(node, contract):
            same.append((Subject(old, pair[0]), Subject(old, pair[1])))
    return (changed or same)[:_MAX_SUBJECTS]


def _holds(node: ContractNode, contract: str) -> bool:
    """Whether a contract is another one or derives from it."""
    return any(each.tree.name == contract for each in node.ancestry)


def _compare_abi(old: CompiledContract, new: CompiledContract) -> None:
    kept = {_entry(each) for each in new.abi}
    for each in old.abi:
        if _entry(each) not in kept:
            kind, name = each.get("type"), each.get("name", "")
            raise Withheld(f"{kind} {name} of {old.name} changed in the ABI")
    if any(new.selectors.get(name) != value for name, value in old.selectors.items()):
        raise Withheld(f"a selector of {old.name} changed")


def _entry(each: dict[str, Any]) -> tuple[Any, ...]:
    """Return an ABI entry without the names of its parameters, which no caller sees."""
    mutability = each.get("stateMutability") or (each.get("payable"), each.get("constant"))
    parts = (_types(each.get(side)) for side in ("inputs", "outputs"))
    return each.get("type"), each.get("name"), mutability, each.get("anonymous"), *parts


def _types(parameters: Any) -> tuple[Any, ...]:
    listed = parameters if isinstance(parameters, list) else []
    return tuple(
        (each.get("type"), each.get("indexed"), _types(each.get("components"))) for each in listed
    )


def _layout(node: ContractNode, compiled: CompiledContract) -> Layout | None:
    try:
        if compiled.layout:
            return read_layout(compiled.layout)
        return source_layout(node)
    except ValueError:
        return None


def code_of(contract: CompiledContract) -> str:
    """Return creation code without the compiler's trailer, which holds a digest of the source."""
    code = contract.creation
    try:
        length = int(code[-4:], 16) * 2 + 4
    except ValueError:
        return code
    return code[:-length] if length < len(code) else code


def compile_problem(error: NotCompiled) -> str:
    """Return a compiler's complaint in one line."""
    lines = [line.strip() for line in error.message.splitlines() if line.strip()]
    return lines[0][:200] if lines else "it does not compile"
