"""A prize for a secret that somebody else can have changed."""

from collections.abc import Iterator

from diptych.audit.analysis.access import is_caller, is_restricted
from diptych.audit.analysis.contract import ContractGraph, sources
from diptych.audit.analysis.lures import Payout, payouts, reads
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule
from diptych.audit.syntax.unit import StateVariable

INFO = RuleInfo(
    id="hidden-state-update",
    title="Honeypot: the secret that opens the prize was changed unseen",
    category="honeypot",
    severity="high",
    swc="",
    cwe="CWE-506",
    owasp="",
    description="A payable function gives the contract's balance to whoever knows a stored secret, "
    "and a function other than the constructor can set that secret anew.",
    scenario="The answer can be read from an earlier transaction; the secret was replaced since by "
    "a call from another contract, which explorers do not list. The victim's payment stays.",
    fix="Do not send ether to it: read the storage slot itself before trusting the answer.",
    reference="https://www.usenix.org/conference/usenixsecurity19/presentation/ferreira",
)

_HASHES = frozenset({"keccak256", "sha256", "ripemd160"})


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield payouts of the balance to who knows a stored value that can be set anew."""
    for payout in payouts(contract):
        if not payout.is_all or not payout.to_choice or is_restricted(payout.view, payout.op):
            continue
        for test, secret in _secrets(payout):
            setter = _setter(contract, secret)
            if setter is not None and _takes_money(payout):
                text = f"'{secret.name}' may not be what it was: it can be set anew"
                yield Match(test, text, (payout.op, setter))
                break


def _secrets(payout: Payout) -> Iterator[tuple[Op, StateVariable]]:
    """Yield conditions that hold a stored value against one that the caller gives."""
    for test, holds in payout.view.flow.facts(payout.op):
        if test.kind != "binary" or test.attribute != ("==" if holds else "!="):
            continue
        for stored, given in (test.operands, test.operands[::-1]):
            place = stored.place
            if stored.kind != "load" or place.where != "storage" or place.field != "":
                continue
            if place.variable is not None and _is_given(given):
                yield test, place.variable


def _is_given(op: Op) -> bool:
    """Whether a value is made from an argument: a hash of it, or else of nothing that is stored."""
    found = list(sources(op))
    hashed = any(each.kind == "builtin" and each.attribute in _HASHES for each in found)
    return any(each.kind == "param" for each in found) and (hashed or not any(reads(op)))


def _setter(contract: ContractGraph, secret: StateVariable) -> Op | None:
    """Return where a call from outside sets the secret to what it likes."""
    for view in contract.entries:
        for write in view.writes:
            if write.kind == "store" and write.place.variable is secret and _is_free(write):
                return write
    return None


def _is_free(write: Op) -> bool:
    return any(each.kind == "param" and not is_caller(each) for each in sources(write.operands[1]))


def _takes_money(payout: Payout) -> bool:
    function = payout.view.function
    return function is not None and (
        function.mutability == "payable"
        or any(op.kind == "env" and op.attribute == "msg.value" for op in payout.view.ops)
    )


RULE = Rule(INFO, check)
