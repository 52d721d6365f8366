"""Different arguments with the same packed encoding have the same hash."""

from collections.abc import Iterator
from itertools import pairwise

from diptych.audit.analysis.contract import ContractGraph
from diptych.audit.analysis.syntax import way_in
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="packed-collision",
    title="Hash of two dynamic values packed together",
    category="other",
    severity="medium",
    swc="SWC-133",
    cwe="CWE-294",
    owasp="",
    description="Two strings, byte strings or arrays that the caller chooses stand side by side in "
    "`abi.encodePacked`, and the result is hashed.",
    scenario='`("a", "bc")` and `("ab", "c")` give the same hash: a signature or a record for the '
    "one stands for the other.",
    fix="Use abi.encode, or hash each part first.",
    reference="https://swcregistry.io/docs/SWC-133/",
)
_DYNAMIC = frozenset({"bytes", "string"})
_HASHES = frozenset({"keccak256", "sha256", "ripemd160"})


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield hashes of packed encodings whose parts can be moved against each other."""
    for view in contract.entries:
        for op in view.ops:
            if op.kind != "builtin" or op.attribute not in _HASHES or not op.operands:
                continue
            packed = op.operands[0]
            while packed.kind == "cast" and packed.operands:
                packed = packed.operands[0]
            parts = op.operands
            if packed.kind == "builtin" and packed.attribute == "abi.encodePacked":
                parts = packed.operands
            elif len(op.operands) < 2:
                continue
            if _is_loose(parts):
                text = "other parts can give the same packed bytes, and the same hash"
                yield Match(op, text, way_in(view, op))


def _is_loose(parts: tuple[Op, ...]) -> bool:
    """Whether two parts of free length that the caller chooses stand side by side."""
    return any(_is_free(first) and _is_free(second) for first, second in pairwise(parts))


def _is_free(op: Op) -> bool:
    kind = op.type
    dynamic = kind.kind in _DYNAMIC or (kind.kind == "array" and kind.length is None)
    while op.kind in ("cast", "load", "element", "slice") and op.operands:
        op = op.operands[0]
    return dynamic and op.kind == "param"


RULE = Rule(INFO, check)
