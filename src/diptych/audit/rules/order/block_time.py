"""Money depends on the exact time of a block, which its proposer can choose within limits."""

from collections.abc import Iterator

from diptych.audit.analysis.cells import cell_of
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.payments import is_payment
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="block-time",
    title="Payment depends on block time",
    category="time_manipulation",
    severity="low",
    swc="SWC-116",
    cwe="CWE-829",
    owasp="SC03:2025",
    description="A condition on block.timestamp decides about a payment, or compares it for "
    "equality or by its remainder.",
    scenario="A proposer shifts the time by some seconds, or holds a transaction back, so that the "
    "condition comes out in his favour.",
    fix="Leave room for shifts of some fifteen seconds; take no decision from the exact time.",
    reference="https://swcregistry.io/docs/SWC-116/",
)
_EXACT = frozenset({"==", "!=", "%"})
_HASHES = frozenset({"keccak256", "sha256"})
_LEEWAY_S = 900


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield conditions on time, in functions that pay, and exact ones anywhere."""
    for view in contract.entries:
        if not any(op.kind == "env" and op.attribute == "block.timestamp" for op in view.ops):
            continue
        pays = any(is_payment(call) for call in view.calls)
        told = False
        for block in view.graph.blocks:
            test = block.test
            if test is None or not _of_time(test):
                continue
            if _is_exact(test) or (pays and not _has_leeway(contract, test)):
                told = True
                text = "whoever makes the block has a say in this"
                yield Match(test, text, tuple(_stamps(contract, test)))
        if not told:
            yield from _draws(view)
        yield from _kept(view, pays)


def _of_time(test: Op) -> bool:
    return any(each.kind == "env" and each.attribute == "block.timestamp" for each in sources(test))


def _is_exact(test: Op) -> bool:
    return any(
        each.kind == "binary" and each.attribute in _EXACT and _of_time(each)
        for each in sources(test)
    )


def _has_leeway(contract: ContractGraph, test: Op) -> bool:
    """Whether the time left is long: by a plain number here, or wherever the time was set."""
    found = list(sources(test))
    if any(_is_long(each) for each in found):
        return True
    cells = {cell_of(each) for each in found if each.kind == "load" and each.place.variable}
    set_by_time = [
        write
        for view in contract.functions
        for write in view.writes
        if cell_of(write) in cells and _of_time(write.operands[-1])
    ]
    return bool(set_by_time) and all(
        any(_is_long(each) for each in sources(write.operands[-1])) for write in set_by_time
    )


def _is_long(op: Op) -> bool:
    """Whether a number is a time span beyond what a proposer can shift."""
    value = op.attribute
    return op.kind == "const" and isinstance(value, int) and _LEEWAY_S <= value < 1 << 31


def _stamps(contract: ContractGraph, test: Op) -> Iterator[Op]:
    """Yield where the time that a condition goes by was kept."""
    cells = {cell_of(e) for e in sources(test) if e.kind == "load" and e.place.variable}
    for view in contract.functions if cells else ():
        for write in view.writes:
            if cell_of(write) in cells and _of_time(write.operands[-1]):
                yield write


def _draws(view: FunctionView) -> Iterator[Match]:
    """Yield where a hash of the time, taken as a number, decides something."""
    for op in view.ops:
        is_rest = op.kind == "binary" and op.attribute == "%" and _of_time(op.operands[0])
        hashed = is_rest and any(
            each.kind == "builtin" and each.attribute in _HASHES for each in sources(op)
        )
        if hashed and op.users:
            yield Match(op, "whoever makes the block can choose the time for this")
            return


def _kept(view: FunctionView, pays: bool) -> Iterator[Match]:
    """Yield where a function that pays keeps the time, to judge by it later."""
    for write in view.writes if pays else ():
        value = write.operands[-1]
        if value.kind == "env" and value.attribute == "block.timestamp":
            yield Match(write, "later payments are judged by this time")


RULE = Rule(INFO, check)
