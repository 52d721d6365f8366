"""A secret is kept where everybody can read it."""

from collections.abc import Iterator

from diptych.audit.analysis.cells import cell_of, keys_of
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.syntax import way_in
from diptych.audit.analysis.values import unwrapped
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="stored-secret",
    title="Secret in storage",
    category="other",
    severity="low",
    swc="SWC-136",
    cwe="CWE-767",
    owasp="",
    description="What a caller must know is compared with a variable that is not public, as it is "
    "stored; but all storage can be read from outside.",
    scenario="The attacker reads the slot with eth_getStorageAt and passes the password.",
    fix="Do not rely on secrets; check who calls, or a signature, or use commit and reveal.",
    reference="https://swcregistry.io/docs/SWC-136/",
)
_SECRETS = frozenset({"fixed_bytes", "uint", "bytes", "string"})
_MIN_BITS = 128


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield comparisons of an argument with what is stored, for nothing else to know."""
    moving = {cell_of(write) for view in contract.entries for write in view.writes}
    for view in contract.entries:
        for block in view.graph.blocks:
            test = block.test
            if test is None or test.kind != "binary" or test.attribute not in ("==", "!="):
                continue
            for given, kept in (test.operands, test.operands[::-1]):
                if _is_given(given) and _is_secret(view, kept) and _cell(kept) not in moving:
                    yield Match(test, "everybody can read what this asks for", way_in(view, test))
                    break


def _is_given(op: Op) -> bool:
    """Whether a value is an argument, or made of one by slicing and casts."""
    op = _unhashed(op)
    return op.kind == "param" and op.type.kind in _SECRETS


def _unhashed(op: Op) -> Op:
    op = unwrapped(op)
    while op.kind == "builtin" and op.attribute in ("keccak256", "abi.encodePacked", "abi.encode"):
        if len(op.operands) != 1:
            break
        op = unwrapped(op.operands[0])
    return op


def _is_secret(view: FunctionView, op: Op) -> bool:
    """Whether a value is a variable that is not public, of a size that cannot be guessed."""
    kept = _unhashed(op)
    variable = kept.place.variable
    if kept.kind not in ("load", "ref") or variable is None or kept.place.where != "storage":
        return False
    wide = kept.type.kind in ("bytes", "string") or kept.type.bits >= _MIN_BITS
    if (
        variable.visibility == "public"
        or keys_of(kept)
        or kept.type.kind not in _SECRETS
        or not wide
    ):
        return False
    return not any(each.kind == "env" for each in sources(op))


def _cell(op: Op) -> object:
    return cell_of(_unhashed(op))


RULE = Rule(INFO, check)
