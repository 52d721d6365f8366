"""Calls of the token standards (ERC-20, ERC-721), in every way that source writes them."""

from collections.abc import Iterator
from typing import NamedTuple

from diptych.audit.analysis.contract import FunctionView
from diptych.audit.analysis.values import unwrapped
from diptych.audit.graph.ops import Op

__all__ = ["TokenCall", "balance_of", "is_fixed", "is_this", "is_zero", "token_calls"]

_PLAIN = {
    "safeTransfer": "transfer",
    "safeTransferFrom": "transferFrom",
    "safeApprove": "approve",
    "forceApprove": "approve",
}
_ARITY = {"transfer": 2, "transferFrom": 3, "approve": 2}
_ENCODERS = frozenset(
    {"abi.encodeCall", "abi.encodeWithSelector", "abi.encodeWithSignature", "bytes.concat"}
)
_SELECTORS = {0xA9059CBB: "transfer", 0x23B872DD: "transferFrom", 0x095EA7B3: "approve"}
_SELECTOR_BITS = 32


class TokenCall(NamedTuple):
    """One call that moves tokens, or allows it.

    `name` is transfer, transferFrom or approve; `wrapped` says that a library stands between,
    which looks at the result.
    """

    op: Op
    name: str
    token: Op | None
    arguments: tuple[Op, ...]
    wrapped: bool

    @property
    def amount(self) -> Op:
        """How much, or which item."""
        return self.arguments[-1]

    @property
    def receiver(self) -> Op:
        """Who gets the tokens, or may take them."""
        return self.arguments[-2]

    @property
    def sender(self) -> Op | None:
        """Whose tokens move, where it is not this contract."""
        return self.arguments[0] if self.name == "transferFrom" else None


def token_calls(view: FunctionView) -> tuple[TokenCall, ...]:
    """Return the calls of tokens in one function, in order."""
    return view.analysis(_all)


def _all(view: FunctionView) -> tuple[TokenCall, ...]:
    found = (_read(op) for op in view.calls)
    return tuple(each for each in found if each is not None)


def _read(op: Op) -> TokenCall | None:
    site = op.call
    if site.kind in ("high_level", "library"):
        return _named(op)
    if site.kind == "call" and site.arguments:
        return next(_encoded(op, site.arguments[0]), None)
    return None


def _named(op: Op) -> TokenCall | None:
    """Read `token.transfer(...)`, `token.safeTransfer(...)`, `Library.safeTransfer(token, ...)`."""
    site = op.call
    name = _PLAIN.get(site.name, site.name)
    wanted = _ARITY.get(name)
    if wanted is None:
        return None
    token, arguments = site.target, site.arguments
    if (token is None or token.kind == "unknown") and len(arguments) == wanted + 1:
        token, arguments = arguments[0], arguments[1:]
    if token is None or len(arguments) != wanted:
        return None
    return TokenCall(op, name, token, arguments, site.name in _PLAIN)


def _encoded(op: Op, data: Op) -> Iterator[TokenCall]:
    """Read a low-level call by the selector and the arguments that it encodes."""
    if data.kind != "builtin" or data.attribute not in _ENCODERS or not data.operands:
        return
    if data.attribute == "bytes.concat" and data.operands[0].attribute != "method_id":
        return  # Vyper joins a selector and words by hand
    head, *rest = data.operands
    name = _selected(head)
    if len(rest) == 1 and rest[0].kind == "tuple":
        rest = list(rest[0].operands)
    if len(rest) == _ARITY.get(name):
        yield TokenCall(op, name, op.call.target, tuple(rest), True)


def _selected(head: Op) -> str:
    """Return the function that a selector, a signature or a member names; empty for any other."""
    value = unwrapped(head)
    if value.kind == "builtin" and value.attribute == "method_id" and value.operands:
        value = unwrapped(value.operands[0])
    if value.kind == "member" and value.attribute == "selector" and value.operands:
        value = value.operands[0]
    if value.kind == "member":
        return str(value.attribute)
    if value.kind == "load":  # of an interface whose source is not there
        return value.place.field
    if value.kind != "const":
        return ""
    if isinstance(value.attribute, int):
        return _SELECTORS.get(value.attribute, "")
    text = value.attribute
    text = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    return text.partition("(")[0]


def is_fixed(view: FunctionView, call: TokenCall) -> bool:
    """Whether the token was chosen once and for all, so that somebody could look at it."""
    token = None if call.token is None else unwrapped(call.token)
    if token is None or token.kind not in ("const", "load", "ref"):
        return False
    return token.kind == "const" or token.place.where == "immutable" or _is_kept(view, token)


def _is_kept(view: FunctionView, token: Op) -> bool:
    """Whether a plain state variable is written by the constructor alone."""
    variable = token.place.variable
    if view.contract is None or variable is None or token.place.field:
        return False
    writers = [
        each
        for each in view.contract.functions
        if any(write.place.variable is variable for write in each.writes)
    ]
    return bool(writers) and all(each.is_constructor for each in writers)


def is_this(op: Op) -> bool:
    """Whether a value is this contract's own address."""
    value = unwrapped(op)
    return value.kind == "env" and value.attribute == "this"


def is_zero(op: Op) -> bool:
    """Whether a value is nought: a number, an address, a default."""
    value = unwrapped(op)
    return value.kind == "zero" or (
        value.kind == "const" and not isinstance(value.attribute, str) and not value.attribute
    )


def balance_of(op: Op) -> Op | None:
    """Return whose balance a value is, in ether or in tokens; None for any other value."""
    value = unwrapped(op)
    if value.kind == "account" and value.attribute == "balance":
        return value.operands[0]
    if value.kind == "call" and value.call.name == "balanceOf" and len(value.call.arguments) == 1:
        return value.call.arguments[0]
    return None
