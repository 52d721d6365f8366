"""The statements of the syntax tree; see `tree` for its expressions."""

from typing import NamedTuple, TypeAlias

from diptych.audit.syntax.tree import Expression, TypeName


class Variable(NamedTuple):
    """A parameter, return value or local; type is None for `var`, name empty if it has none.

    `default` is what a parameter of Vyper's holds where a call leaves it out.
    """

    start: int
    end: int
    name: str
    type: TypeName | None
    location: str = ""
    default: Expression | None = None


class Block(NamedTuple):
    """`{ ... }`; `unchecked` switches overflow checks off inside."""

    start: int
    end: int
    statements: tuple["Statement", ...]
    unchecked: bool = False


class Declare(NamedTuple):
    """Locals, with gaps as None: `(uint a, , uint b) = value`."""

    start: int
    end: int
    variables: tuple[Variable | None, ...]
    value: Expression | None


class Evaluate(NamedTuple):
    """An expression for its effect."""

    start: int
    end: int
    expression: Expression


class If(NamedTuple):
    """`if (test) yes else no`."""

    start: int
    end: int
    test: Expression
    yes: "Statement"
    no: "Statement | None"


class Loop(NamedTuple):
    """`for`, `while` and, with `test_last`, `do ... while`."""

    start: int
    end: int
    first: "Statement | None"
    test: Expression | None
    update: Expression | None
    body: "Statement"
    test_last: bool = False


class Return(NamedTuple):
    """`return value`."""

    start: int
    end: int
    value: Expression | None


class Revert(NamedTuple):
    """`revert(...)`, `revert Error(...)`, `throw`, Vyper's `raise`."""

    start: int
    end: int
    error: Expression | None


class Emit(NamedTuple):
    """`emit Event(...)`."""

    start: int
    end: int
    event: Expression


class Catch(NamedTuple):
    """One `catch` with its parameters, or the success clause of `try`."""

    start: int
    end: int
    parameters: tuple[Variable, ...]
    body: Block


class Try(NamedTuple):
    """`try call returns (...) {} catch {}`; the first clause is that of success."""

    start: int
    end: int
    call: Expression
    clauses: tuple[Catch, ...]


class Jump(NamedTuple):
    """`break`, `continue`, `leave`, or `_` in a modifier."""

    start: int
    end: int
    kind: str


class Assembly(NamedTuple):
    """Inline assembly: ordinary statements whose calls are EVM instructions."""

    start: int
    end: int
    body: Block
    functions: tuple["AssemblyFunction", ...] = ()


class AssemblyFunction(NamedTuple):
    """A function declared inside inline assembly."""

    start: int
    end: int
    name: str
    parameters: tuple[str, ...]
    returns: tuple[str, ...]
    body: Block


class UnreadStatement(NamedTuple):
    """A statement that no grammar rule covers."""

    start: int
    end: int


Statement: TypeAlias = (
    Block
    | Declare
    | Evaluate
    | If
    | Loop
    | Return
    | Revert
    | Emit
    | Try
    | Jump
    | Assembly
    | UnreadStatement
)
