"""Ether: payments that one recipient can block, and contracts that cannot pay out."""

from diptych.audit.fixes.edit import Edit
from diptych.audit.fixes.site import Place, Site, expression_at
from diptych.audit.fixes.template import Template, Writer
from diptych.audit.fixes.templates.access import owner_variable
from diptych.audit.fixes.templates.arithmetic import is_plain
from diptych.audit.fixes.upgrades import is_upgradeable
from diptych.audit.fixes.walk import inside
from diptych.audit.syntax.statements import Evaluate, If, Revert
from diptych.audit.syntax.tree import Call, Member, Name, Unary

__all__ = ["PULL", "WITHDRAW"]

_PUSHES = frozenset({"send", "transfer"})


def _pull(site: Site, writer: Writer) -> list[Edit]:
    """Credit the recipient where the payment fails, to be fetched later."""
    call = _push(expression_at(site, Call))
    place = None if call is None else site.place(call.start, call.end)
    if call is None or place is None or not _only_pays(place, call):
        return []
    assert isinstance(call.function, Member)
    target, amount = call.function.base, call.arguments[0]
    if not (is_plain(target) and is_plain(amount)):
        return []
    if is_upgradeable(site.contract) or site.contract.tree.kind == "library":
        return []
    owed, to, value = site.free_name("_owed"), site.source(target), site.source(amount)
    text = f"if (!{to}.send({value})) {owed}[{to}] += {value};"
    start, end = place.statement.start, site.statement_end(place.statement)
    fetch = site.free_name("withdrawOwed")
    sum_ = site.free_name("amount")
    declared = (
        f"mapping(address => uint256) private {owed};\n\nfunction {fetch}() public {{\n"
        f"    uint256 {sum_} = {owed}[msg.sender];\n    {owed}[msg.sender] = 0;\n"
        f"    {writer.payable('msg.sender')}.transfer({sum_});\n}}"
    )
    return [Edit(start, end, text), *site.at_contract_end(declared)]


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
        and isinstance(said.function, Name)
        and said.function.text in ("require", "assert")
        and said.arguments[:1] == (call,)
    )
    return demanded or (said == call and _is_transfer(call))


def _is_transfer(call: Call) -> bool:
    return isinstance(call.function, Member) and call.function.name == "transfer"


def _is_revert(node: object) -> bool:
    return (
        isinstance(node, Call)
        and isinstance(node.function, Name)
        and node.function.text == "revert"
    )


def _withdraw(site: Site, writer: Writer) -> list[Edit]:
    """Let the owner take out what can only go in."""
    owner = owner_variable(site.contract)
    if not owner or site.contract.tree.kind != "contract":
        return []
    name = site.free_name("withdraw")
    check = writer.check(f"msg.sender == {owner}", "not the owner")
    to = writer.payable("msg.sender")
    balance = "address(this).balance"
    return site.at_contract_end(
        f"function {name}() external {{\n    {check}\n    {to}.transfer({balance});\n}}"
    )


PULL = Template(
    "let recipients fetch what cannot be sent",
    frozenset({"SWC-113"}),
    frozenset({"push-payment"}),
    _pull,
    relaxed=True,
)
WITHDRAW = Template("let the owner withdraw", frozenset(), frozenset({"locked-ether"}), _withdraw)
