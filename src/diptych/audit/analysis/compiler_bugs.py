"""Known faults of Solidity compilers, each with the construct that brings it out.

Names and version ranges are facts of the list that the Solidity team keeps
(docs.soliditylang.org/en/latest/bugs.html). Faults that depend only on compiler settings, or that
no construct of the source gives away, are not listed.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from diptych.audit.analysis.syntax import below, nodes_of
from diptych.audit.graph.program import ContractNode
from diptych.audit.graph.types import Type
from diptych.audit.syntax.statements import Assembly, Declare, If, Variable
from diptych.audit.syntax.tree import (
    ArrayType,
    Assign,
    Binary,
    Call,
    Index,
    Member,
    Name,
    New,
    Number,
    Text,
    TypeExpression,
    Unary,
)
from diptych.audit.syntax.unit import Function

__all__ = ["BUGS", "Bug"]

Version = tuple[int, int, int]
Found = Iterator[tuple[Function | None, Any]]


class Bug(NamedTuple):
    """One fault: its name, the versions from `introduced` to before `fixed`, what brings it out."""

    name: str
    introduced: Version
    fixed: Version
    trigger: Callable[[ContractNode], Found]


def _called(node: ContractNode, name: str) -> Iterator[tuple[Function, Call]]:
    for function, call in nodes_of(node, Call):
        match call.function:
            case Name(text=text) if text == name:
                yield function, call
            case Member(name=text) if text == name:
                yield function, call
            case _:
                pass


def _encoder(node: ContractNode) -> Found:
    """A struct or nested array where the experimental encoder is switched on."""
    if any("ABIEncoderV2" in pragma for pragma in node.unit.tree.pragmas):
        yield from ((None, each) for each in node.tree.structures)


def _delegatecall(node: ContractNode) -> Found:
    yield from _called(node, "delegatecall")


def _ecrecover(node: ContractNode) -> Found:
    yield from _called(node, "ecrecover")


def _empty_literal(node: ContractNode) -> Found:
    for function, call in nodes_of(node, Call):
        if any(isinstance(each, Text) and not each.value for each in call.arguments[:-1]):
            yield function, call


def _two_constructors(node: ContractNode) -> Found:
    found = [each for each in node.tree.functions if each.kind == "constructor"]
    if len({each.name for each in found}) > 1:
        yield None, found[-1]


def _event_struct(node: ContractNode) -> Found:
    for signature in node.tree.signatures:
        for each in signature.parameters:
            if node.type_of(each.type).kind == "struct":
                yield None, signature


def _exponent(node: ContractNode) -> Found:
    for function, each in nodes_of(node, Binary):
        if each.operator == "**" and not isinstance(each.right, Number):
            yield function, each


def _constructor_pointer(node: ContractNode) -> Found:
    for function, each in nodes_of(node, Declare):
        if function.kind == "constructor" and each.value is None:
            for variable in each.variables:
                if variable is not None and node.type_of(variable.type).kind == "function":
                    yield function, each


def _assigned(node: ContractNode, wanted: Callable[[Type], bool]) -> Found:
    for function, each in nodes_of(node, Assign):
        if isinstance(each.left, Name) and each.left.text in node.variables:
            owner, variable = node.variables[each.left.text]
            if wanted(owner.type_of(variable.type)):
                yield function, each


def _signed_array(node: ContractNode) -> Found:
    yield from _assigned(node, lambda kind: kind.kind == "array" and kind.parts[0].kind == "int")


def _small_array(node: ContractNode) -> Found:
    def is_small(kind: Type) -> bool:
        return kind.kind == "array" and kind.length is None and 0 < kind.parts[0].bits <= 128

    yield from _assigned(node, is_small)


def _memory_array(node: ContractNode) -> Found:
    for function, call in nodes_of(node, Call):
        if (
            isinstance(call.function, New)
            and call.arguments
            and not isinstance(call.arguments[0], Number)
            and node.type_of(call.function.type).kind == "array"
        ):
            yield function, call


def _empty_push(node: ContractNode) -> Found:
    for function, call in _called(node, "push"):
        if call.arguments or not isinstance(call.function, Member):
            continue
        base = call.function.base
        found = node.variables.get(base.text) if isinstance(base, Name) else None
        if found is not None and found[0].type_of(found[1].type).kind == "bytes":
            yield function, call


def _private_twice(node: ContractNode) -> Found:
    own = {f.name: f for f in node.tree.functions if f.kind == "function"}
    for base in node.ancestry[1:]:
        for each in base.tree.functions:
            same = own.get(each.name) if each.visibility == "private" else None
            if same is not None and len(same.parameters) == len(each.parameters):
                yield same, same


def _nested_decode(node: ContractNode) -> Found:
    for function, call in _called(node, "decode"):
        for each in below(call.arguments[1:]):
            match each:
                case TypeExpression(type=ArrayType(item=ArrayType())) | Index(base=Index()):
                    yield function, call
                case _:
                    pass


def _two_hashes(node: ContractNode) -> Found:
    for function, block in nodes_of(node, Assembly):
        if len(set(_hashed_lengths(block))) > 1:
            yield function, block


def _hashed_lengths(block: Assembly) -> Iterator[str]:
    """Yield the constant lengths of the memory that a block of assembly hashes."""
    for each in below(block):
        match each:
            case Call(function=Name(text="keccak256"), arguments=(_, Number(text=length))):
                yield length
            case _:
                pass


def _short_value_type(node: ContractNode) -> Found:
    for each in node.tree.value_types:
        if 0 < node.type_of(each.underlying).bits < 256:
            yield None, each


def _literal_in_call(node: ContractNode) -> Found:
    for function, call in _called(node, "encodeCall"):
        if any(isinstance(each, Text) for each in below(call.arguments[1:])):
            yield function, call


def _ending_in_condition(node: ContractNode) -> Found:
    for function, block in nodes_of(node, Assembly):
        for test in (each for each in below(block) if isinstance(each, If)):
            for each in below(test):
                if (
                    isinstance(each, Call)
                    and isinstance(each.function, Name)
                    and each.function.text in ("return", "stop")
                ):
                    yield function, block


def _static_array_last(node: ContractNode) -> Found:
    def is_whole(parameter: Variable) -> bool:
        kind = node.type_of(parameter.type)
        return kind.kind == "array" and kind.length is not None and kind.parts[0].bits == 256

    for function, call in nodes_of(node, Call):
        last = call.arguments[-1] if len(call.arguments) > 1 else None
        if isinstance(last, Name):
            for each in function.parameters:
                if each.name == last.text and each.location == "calldata" and is_whole(each):
                    yield function, call


def _selector_of_call(node: ContractNode) -> Found:
    for function, each in nodes_of(node, Member):
        if each.name == "selector" and any(
            isinstance(inner, Call | Assign) for inner in below(each.base)
        ):
            yield function, each


def _two_clearings(node: ContractNode) -> Found:
    cleared: dict[str, tuple[Function, Unary]] = {}
    for function, each in nodes_of(node, Unary):
        if each.operator == "delete" and isinstance(each.operand, Name):
            found = node.variables.get(each.operand.text)
            if found is not None:
                cleared[found[1].mutability] = (function, each)
    if "" in cleared and "transient" in cleared:
        yield cleared["transient"]


_ANY = (0, 0, 0)
BUGS = (
    Bug("SkipEmptyStringLiteral", _ANY, (0, 4, 12), _empty_literal),
    Bug("ECRecoverMalformedInput", _ANY, (0, 4, 14), _ecrecover),
    Bug("DelegateCallReturnValue", (0, 3, 0), (0, 4, 15), _delegatecall),
    Bug("OneOfTwoConstructorsSkipped", (0, 4, 22), (0, 4, 23), _two_constructors),
    Bug("EventStructWrongData", (0, 4, 17), (0, 4, 25), _event_struct),
    Bug("ExpExponentCleanup", _ANY, (0, 4, 25), _exponent),
    Bug("UninitializedFunctionPointerInConstructor", (0, 4, 5), (0, 4, 26), _constructor_pointer),
    Bug("UninitializedFunctionPointerInConstructor", (0, 5, 0), (0, 5, 8), _constructor_pointer),
    Bug("ABIEncoderV2PackedStorage", (0, 4, 19), (0, 4, 26), _encoder),
    Bug("ABIEncoderV2PackedStorage", (0, 5, 0), (0, 5, 7), _encoder),
    Bug("ABIEncoderV2StorageArrayWithMultiSlotElement", (0, 4, 16), (0, 5, 10), _encoder),
    Bug("SignedArrayStorageCopy", (0, 4, 7), (0, 5, 10), _signed_array),
    Bug("privateCanBeOverridden", (0, 3, 0), (0, 5, 17), _private_twice),
    Bug("MemoryArrayCreationOverflow", (0, 2, 0), (0, 6, 5), _memory_array),
    Bug("DynamicArrayCleanup", _ANY, (0, 7, 3), _small_array),
    Bug("EmptyByteArrayCopy", _ANY, (0, 7, 4), _empty_push),
    Bug("KeccakCaching", _ANY, (0, 8, 3), _two_hashes),
    Bug("ABIDecodeTwoDimensionalArrayMemory", (0, 4, 16), (0, 8, 4), _nested_decode),
    Bug("UserDefinedValueTypesBug", (0, 8, 8), (0, 8, 9), _short_value_type),
    Bug("AbiEncodeCallLiteralAsFixedBytesBug", (0, 8, 11), (0, 8, 13), _literal_in_call),
    Bug("DirtyBytesArrayToStorage", _ANY, (0, 8, 15), _empty_push),
    Bug("AbiReencodingHeadOverflow", (0, 5, 8), (0, 8, 16), _static_array_last),
    Bug("StorageWriteRemoval", (0, 8, 13), (0, 8, 17), _ending_in_condition),
    Bug("MissingSideEffectsOnSelectorAccess", (0, 6, 2), (0, 8, 21), _selector_of_call),
    Bug("TransientStorageClearingHelperCollision", (0, 8, 28), (0, 8, 34), _two_clearings),
)
