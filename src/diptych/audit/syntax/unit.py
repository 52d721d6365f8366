"""The declarations of the syntax tree, up to one source unit; see `tree` and `statements`."""

from typing import NamedTuple

from diptych.audit.syntax.statements import Block, Variable
from diptych.audit.syntax.tree import Expression, TypeName


class Import(NamedTuple):
    """`import "path"`; `names` maps what is imported to what it is called here."""

    start: int
    end: int
    path: str
    names: tuple[tuple[str, str], ...] = ()
    alias: str = ""


class Base(NamedTuple):
    """One entry of `contract C is Base(arguments)`, or a modifier invocation."""

    start: int
    end: int
    name: str
    arguments: tuple[Expression, ...] | None


class StateVariable(NamedTuple):
    """A state variable or constant; `mutability` is "", constant, immutable or transient."""

    start: int
    end: int
    name: str
    type: TypeName | None
    visibility: str
    mutability: str
    value: Expression | None


class Structure(NamedTuple):
    """A struct."""

    start: int
    end: int
    name: str
    members: tuple[Variable, ...]


class Enumeration(NamedTuple):
    """An enum, or Vyper's flag."""

    start: int
    end: int
    name: str
    values: tuple[str, ...]


class ValueType(NamedTuple):
    """`type Name is underlying`."""

    start: int
    end: int
    name: str
    underlying: TypeName


class Signature(NamedTuple):
    """An event or a custom error."""

    start: int
    end: int
    kind: str
    name: str
    parameters: tuple[Variable, ...]


class Using(NamedTuple):
    """`using library for type` (type None for `*`); free functions stand in `functions`."""

    start: int
    end: int
    library: str
    functions: tuple[str, ...]
    type: TypeName | None


class Function(NamedTuple):
    """A function, constructor, fallback, receive or modifier.

    `kind` says which; `name` is empty where the language gives none; `visibility` and
    `mutability` are empty where the source is silent. `body` is None where there is none.
    """

    start: int
    end: int
    kind: str
    name: str
    parameters: tuple[Variable, ...]
    returns: tuple[Variable, ...]
    visibility: str
    mutability: str
    modifiers: tuple[Base, ...]
    body: Block | None
    virtual: bool = False
    override: bool = False


class Contract(NamedTuple):
    """A contract, abstract contract, interface, library or Vyper module.

    `exports` names what a Vyper module offers of its modules: `module.function`.
    """

    start: int
    end: int
    kind: str
    name: str
    bases: tuple[Base, ...]
    variables: tuple[StateVariable, ...]
    functions: tuple[Function, ...]
    structures: tuple[Structure, ...]
    enumerations: tuple[Enumeration, ...]
    value_types: tuple[ValueType, ...]
    signatures: tuple[Signature, ...]
    usings: tuple[Using, ...]
    exports: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is declared."""
        return not (
            self.variables
            or self.functions
            or self.structures
            or self.enumerations
            or self.value_types
            or self.signatures
            or self.usings
        )


class Problem(NamedTuple):
    """A stretch of source that could not be read, and why."""

    start: int
    end: int
    reason: str


class SourceUnit(NamedTuple):
    """One file. What stands outside of contracts is in `free`, a contract without a name.

    Offsets count from the start of the text that was parsed: `shift` bytes before the file's own
    first byte, all on its first line. `code` holds the instructions of bytecode.
    """

    language: str
    pragmas: tuple[str, ...]
    imports: tuple[Import, ...]
    contracts: tuple[Contract, ...]
    free: Contract
    comments: tuple[tuple[int, int], ...]
    problems: tuple[Problem, ...]
    shift: int = 0
    code: object = None
