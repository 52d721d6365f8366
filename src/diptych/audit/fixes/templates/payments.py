"""Ether: payments that one recipient can block, and contracts that cannot pay out."""

from collections.abc import Iterator

from diptych.audit.fixes.edit import Edit
from diptych.audit.fixes.site import Place, Site, expression_at
from diptych.audit.fixes.template import Template, Writer
from diptych.audit.fixes.templates.access import deployer_variable, owner_variable
from diptych.audit.fixes.templates.arithmetic import is_plain
from diptych.audit.fixes.templates.callers import is_created
from diptych.audit.fixes.upgrades import is_upgradeable
from diptych.audit.fixes.walk import Node, inside, names_in
from diptych.audit.syntax.statements import Declare, Evaluate, If, Revert
from diptych.audit.syntax.tree import Assign, Call, Expression, Index, Member, Name, Number, Unary

__all__ = ["PULL", "WITHDRAW", "WITHDRAW_OWN"]

_PUSHES = frozenset({"send", "transfer"})


def _pull(site: Site, writer: Writer) -> list[Edit]:
    """Credit the recipient where the payment fails, to be fetched later."""
    if is_upgradeable(site.contract) or site.contract.tree.kind == "library":
        return []
    if _reads_balance(site):
        return []  # what is owed would be counted as its own
    owed = site.free_name("_owed")
    edits = _credited_send(site, owed) or _credited_call(site, owed)
    if not edits:
        return []
    fetch, sum_ = site.free_name("withdrawOwed"), site.free_name("amount")
    declared = (
        f"mapping(address => uint256) private {owed};\n\nfunction {fetch}() public {{\n"
        f"    uint256 {sum_} = {owed}[msg.sender];\n    {owed}[msg.sender] = 0;\n"
        f"    {writer.pay_caller(sum_, site.free_name('paid'))}\n}}"
    )
    return [*edits, *site.at_contract_end(declared)]


def _reads_balance(site: Site) -> bool:
    return any(
        isinstance(each, Member) and each.name == "balance"
        for owner in site.contract.ancestry
        for function in owner.tree.functions
        if function.body is not None
        for each in inside(function.body)
    )


def _credited_send(site: Site, owed: str) -> list[Edit]:
    """Send, and credit what cannot be sent, in the place of `transfer` or a demanded `send`."""
    call = _push(expression_at(site, Call))
    place = None if call is None else site.place(call.start, call.end)
    if call is None or place is None or not _only_pays(place, call):
        return []
    assert isinstance(call.function, Member)
    target, amount = call.function.base, call.arguments[0]
    if not (is_plain(target) and is_plain(amount)):
        return []
    to, value = site.source(target), site.source(amount)
    text = f"if (!{to}.send({value})) {owed}[{_address(site, target)}] += {value};"
    return [Edit(place.statement.start, site.statement_end(place.statement), text)]


def _credited_call(site: Site, owed: str) -> list[Edit]:
    """Credit what a call with value could not pay, in the place of the demand that follows it."""
    call, place = expression_at(site, Call), site.place()
    if call is None or place is None or place.block is None:
        return []
    if not isinstance(call.function, Member) or not isinstance(place.statement, Declare):
        return []
    amount = dict(call.options).get("value")
    first = place.statement.variables[0] if place.statement.variables else None
    listed = list(place.block.statements)
    after = listed[listed.index(place.statement) + 1 :][:1]
    if amount is None or first is None or not after or not is_plain(amount):
        return []
    demand = after[0].expression if isinstance(after[0], Evaluate) else None
    if not (isinstance(demand, Call) and _says(demand, "require")):
        return []
    told = demand.arguments[0] if demand.arguments else None
    if not (isinstance(told, Name) and told.text == first.name):
        return []
    to = _address(site, call.function.base)
    text = f"if (!{first.name}) {owed}[{to}] += {site.source(amount)};"
    return [Edit(after[0].start, site.statement_end(after[0]), text)]


def _address(site: Site, target: Expression) -> str:
    """Return a recipient without the conversion that lets it be paid."""
    while isinstance(target, Call) and len(target.arguments) == 1 and is_plain(target):
        target = target.arguments[0]
    return site.source(target)


def _push(found: Call | None) -> Call | None:
    """Return the payment in a call's source: itself, or what is handed to `require`."""
    inner = () if found is None else inside(found)
    return next((each for each in inner if isinstance(each, Call) and _is_push(each)), None)


def _is_push(call: Call) -> bool:
    return (
        isinstance(call.function, Member)
        and call.function.name in _PUSHES
        and len(call.arguments) == 1
    )


def _only_pays(place: Place, call: Call) -> bool:
    """Whether a statement pays and reverts where that fails, and does nothing else."""
    statement = place.statement
    if isinstance(statement, If):
        test = statement.test
        return (
            isinstance(test, Unary)
            and test.operand == call
            and statement.no is None
            and any(isinstance(each, Revert) or _is_revert(each) for each in inside(statement.yes))
        )
    if not isinstance(statement, Evaluate):
        return False
    said = statement.expression
    demanded = (
        isinstance(said, Call)
        and _says(said, "require", "assert")
        and said.arguments[:1] == (call,)
    )
    return demanded or (said == call and _is_transfer(call))


def _is_transfer(call: Call) -> bool:
    return isinstance(call.function, Member) and call.function.name == "transfer"


def _is_revert(node: object) -> bool:
    return isinstance(node, Call) and _says(node, "revert")


def _says(call: Call, *names: str) -> bool:
    return isinstance(call.function, Name) and call.function.text in names


def _withdraw(site: Site, writer: Writer) -> list[Edit]:
    """Let the owner take out what can only go in."""
    if site.contract.tree.kind != "contract" or is_created(site):
        return []
    if any(True for _ in _ledgers(site)):
        return []  # it stands in the names of others
    owner, declared = owner_variable(site.contract), ""
    if not owner:
        owner = site.free_name("_deployer")
        declared = f"{deployer_variable(writer, owner)}\n\n"
    name = site.free_name("withdraw")
    check = writer.check(f"msg.sender == {owner}", "not the owner")
    paid = writer.pay_caller("address(this).balance", site.free_name("paid"))
    return site.at_contract_end(
        f"{declared}function {name}() external {{\n    {check}\n    {paid}\n}}"
    )


def _ledgers(site: Site) -> Iterator[str]:
    """Yield the mappings in which payments are booked; empty for those not only by payments."""
    booked = [each for each in _assignments(site) if not _clears(each)]
    known = {names.text for each in booked if _pays(each) for names in _roots(each.left)}
    for each in booked:
        base = each.left.base if isinstance(each.left, Index) else None
        mine = any(one.text in known for one in _roots(each.left))
        if mine or _pays(each):
            own = each.operator.strip("=") == "+" and _is(each.right, "msg", "value")
            keyed = isinstance(each.left, Index) and _is(each.left.key, "msg", "sender")
            yield base.text if own and keyed and isinstance(base, Name) else ""


def _assignments(site: Site) -> Iterator[Assign]:
    """Yield the contract's assignments to what a key leads to."""
    for owner in site.contract.ancestry:
        for function in owner.tree.functions:
            for each in inside(function.body) if function.body is not None else ():
                if isinstance(each, Assign) and any(
                    isinstance(one, Index) for one in inside(each.left)
                ):
                    yield each


def _clears(each: Assign) -> bool:
    return each.operator.strip("=") == "-" or (
        isinstance(each.right, Number) and not each.right.value
    )


def _pays(each: Assign) -> bool:
    return any(_is(one, "msg", "value") for one in inside(each.right))


def _roots(node: Node) -> Iterator[Name]:
    while isinstance(node, Index | Member):
        node = node.base
    if isinstance(node, Name):
        yield node


def _is(node: Node, base: str, name: str) -> bool:
    """Whether an expression is `base.name`."""
    return isinstance(node, Member) and node.name == name and names_in([node]) == {base}


def _withdraw_own(site: Site, writer: Writer) -> list[Edit]:
    """Let callers take out what they paid in, where one mapping holds just that."""
    ledgers = {*_ledgers(site)}
    held = next(iter(ledgers)) if len(ledgers) == 1 else ""
    if not held:
        return []
    name, sum_ = site.free_name("withdraw"), site.free_name("amount")
    paid = writer.pay_caller(sum_, site.free_name("paid"))
    return site.at_contract_end(
        f"function {name}() external {{\n    uint256 {sum_} = {held}[msg.sender];\n"
        f"    {held}[msg.sender] = 0;\n    {paid}\n}}"
    )


PULL = Template(
    "let recipients fetch what cannot be sent",
    frozenset({"SWC-113"}),
    frozenset({"push-payment"}),
    _pull,
    relaxed=True,
)
WITHDRAW = Template("let the owner withdraw", frozenset(), frozenset({"locked-ether"}), _withdraw)
WITHDRAW_OWN = Template(
    "let depositors withdraw", frozenset(), frozenset({"locked-ether"}), _withdraw_own
)
