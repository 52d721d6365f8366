"""A draw that whoever makes the block, or calls in it, can foresee."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph, sources
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="weak-randomness",
    title="Randomness from block values",
    category="bad_randomness",
    severity="high",
    swc="SWC-120",
    cwe="CWE-330",
    owasp="SC09:2025",
    description="A hash or a remainder of block values (time, number, hash, difficulty, proposer) "
    "decides something.",
    scenario="A contract in the same block computes the same value first and plays only when it "
    "wins; a proposer chooses the block that pays.",
    fix="Use a verifiable random function, or commit and reveal.",
    reference="https://swcregistry.io/docs/SWC-120/",
)
_BLOCK = frozenset(
    {"block.timestamp", "block.number", "block.difficulty", "block.prevrandao", "block.coinbase"}
)
_WRAP = 1 << 31
_HASHES = frozenset({"keccak256", "sha256", "ripemd160"})


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield remainders and hashes of block values, each draw once."""
    for view in contract.functions:
        drawn: list[Op] = []
        for op in view.ops:
            if _is_draw(op) and not any(_is_within(each, op) for each in drawn):
                drawn.append(op)
                yield Match(op, "whoever sees or makes the block knows this value")


def _is_within(inner: Op, outer: Op) -> bool:
    """Whether one op is written inside of another: `hash(...) % 2` is one draw, not two."""
    same = inner.frame is outer.frame
    return same and outer.start <= inner.start and inner.end <= outer.end


def _is_draw(op: Op) -> bool:
    if op.kind == "builtin" and op.attribute == "blockhash":
        asked = any(each.kind == "param" for each in sources(op))  # a lookup, not a draw
        return not asked and any(user.kind != "store" for user in op.users)
    mixes = (op.kind == "builtin" and op.attribute in _HASHES) or (
        op.kind == "binary" and op.attribute == "%" and not _is_wrap(op.operands[1])
    )
    return mixes and any(
        (each.kind == "env" and each.attribute in _BLOCK)
        or (each.kind == "builtin" and each.attribute == "blockhash")
        for each in sources(op.operands[0] if op.kind == "binary" else op)
    )


def _is_wrap(modulus: Op) -> bool:
    """Whether a remainder only cuts a time to its type: a modulus no draw would have."""
    values = [each.attribute for each in sources(modulus) if each.kind == "const"]
    power = any(each.kind == "binary" and each.attribute == "**" for each in sources(modulus))
    return power or any(isinstance(value, int) and value >= _WRAP for value in values)


RULE = Rule(INFO, check)
