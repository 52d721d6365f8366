"""Work over a list that anybody can make longer, until no block can hold it."""

from collections.abc import Iterator

from diptych.audit.analysis.access import is_keyed_by_caller
from diptych.audit.analysis.cells import cell_of
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.initialisers import is_initialiser
from diptych.audit.analysis.keepers import is_kept_by_another
from diptych.audit.analysis.paths import all_facts
from diptych.audit.analysis.reach import anybody_reaches
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import BasicBlock, Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="growing-loop",
    title="Work grows with a list that anybody can grow",
    category="denial_of_service",
    severity="medium",
    swc="SWC-128",
    cwe="CWE-400",
    owasp="SC10:2025",
    description="A loop that writes state or calls out runs over a stored array, or the array is "
    "cleared at once, and anybody can add to the array without end.",
    scenario="The attacker adds entries until the function costs more gas than a block holds: it "
    "never succeeds again.",
    fix="Work through the list in parts, bound its length, or let each entry be handled alone.",
    reference="https://swcregistry.io/docs/SWC-128/",
)
_MAX_ROUNDS = 256
_QUIET = frozenset({"view", "pure", "constant"})
_COSTLY = frozenset({"store", "push", "call"})
_ALL = _COSTLY | {"load"}
_ORDER = frozenset({"<", ">", "<=", ">="})


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield loops over, and the clearing of, arrays that anybody can grow."""
    if contract.node.unit.tree.language == "vyper":
        return  # every list of Vyper's has a bound, and clearing one only sets its length
    grown = [op for view in contract.entries for op in _grown(view)]
    growing = {id(op.place.variable) for op in grown}
    shared = {id(op.place.variable) for op in grown if not is_keyed_by_caller(op)}
    for view in contract.entries:
        for block in view.graph.blocks:
            test = block.test
            if test is None or _is_search(test) or not _is_over(test, growing):
                continue
            if _leaves(view, block) and _works(view, test, shared):
                text = "anybody can make this loop longer than a block allows"
                yield Match(test, text, (), "low" if _is_quiet(view) else "")
        for write in view.writes:
            if write.place.field == "" and id(write.place.variable) in growing:
                yield Match(write, "anybody can make this array too long to clear")


def _is_search(test: Op) -> bool:
    """Whether a loop halves what is left in each round."""
    return any(
        each.kind == "binary"
        and each.attribute in ("/", ">>")
        and each.operands[1].kind == "const"
        and any(below.kind == "phi" for below in sources(each))
        for each in sources(test)
    )


def _leaves(view: FunctionView, block: BasicBlock) -> bool:
    """Whether a test is the head of a loop, or one of the ways on from it ends all loops."""
    if view.flow.heads_loop(block.index):
        return True
    return not all(view.flow.comes_after(each, block.index) for each in block.successors)


def _grown(view: FunctionView) -> Iterator[Op]:
    """Yield where a call of anybody makes an array longer."""
    for op in view.writes:
        longer = op.kind == "push" or (op.kind == "store" and op.place.field == "length")
        if not longer or op.place.variable is None or _is_bounded(view, op):
            continue
        if _is_setup(view) or is_kept_by_another(view, op):
            continue
        if anybody_reaches(view, op):
            yield op


def _is_setup(view: FunctionView) -> bool:
    return view.function is not None and is_initialiser(view.function)


def _is_bounded(view: FunctionView, op: Op) -> bool:
    """Whether a condition holds the array's length against a low limit before it grows."""
    for fact in all_facts(view, op):
        if fact.test.kind == "binary" and fact.test.attribute in _ORDER:
            found = list(sources(fact.test))
            of_length = any(
                each.kind == "load"
                and each.place.field == "length"
                and each.place.variable is op.place.variable
                for each in found
            )
            if of_length and not any(_is_high(each) for each in found):
                return True
    return False


def _is_high(op: Op) -> bool:
    """Whether a number is of more rounds than a block surely holds."""
    return op.kind == "const" and isinstance(op.attribute, int) and op.attribute > _MAX_ROUNDS


def _is_over(test: Op, growing: set[int]) -> bool:
    """Whether a loop goes to the end of such an array, and no argument says where to stop."""
    if test.kind != "binary":
        return False
    found = list(sources(test))
    return not any(each.kind == "param" for each in found) and any(
        each.kind == "load" and each.place.field == "length" and id(each.place.variable) in growing
        for each in found
    )


def _is_quiet(view: FunctionView) -> bool:
    return view.function is not None and view.function.mutability in _QUIET


def _works(view: FunctionView, test: Op, shared: set[int]) -> bool:
    """Whether something that costs gas to do runs in the loop that a test controls.

    Reads count where others can make them many, and the function is there to do more.
    """
    kinds = _COSTLY if _is_quiet(view) or not _is_over(test, shared) else _ALL
    costly = (op for op in view.ops if op.kind in kinds and op is not test)
    return any(
        op.place.where != "memory"
        and (op.kind != "load" or _is_item(op))
        and view.flow.reaches(test, op)
        and view.flow.reaches(op, test)
        for op in costly
    )


def _is_item(op: Op) -> bool:
    """Whether a read is of an item in storage, which costs gas in each round."""
    return op.place.where == "storage" and op.place.field != "length" and "[]" in cell_of(op).path


RULE = Rule(INFO, check)
