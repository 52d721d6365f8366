"""Small contracts, each with one fault that a template repairs, and what the repair looks like."""

from typing import NamedTuple


class Case(NamedTuple):
    """A rule, a contract's members, and a line that the fix puts in or takes out (with a minus)."""

    rule: str
    members: str
    change: str
    name: str


_BANK = "mapping(address => uint256) held; receive() external payable { held[msg.sender] += 1; }"
_OWNED = (
    "address owner = msg.sender; modifier mine() { require(msg.sender == owner, 'no'); _; }"
    " function put() external payable {} function give(address to) external mine { owner = to; }"
)

CASES = (
    Case(
        "unchecked-call",
        "function pay(address payable to) external payable {\n to.send(msg.value);\n }",
        'require(to.send(msg.value), "call failed");',
        "demand that the call succeeds",
    ),
    Case(
        "unchecked-call",
        'function ask(address to) external {\n to.call("ab");\n }',
        '{ (bool success, ) = to.call("ab"); require(success, "call failed"); }',
        "demand that the call succeeds",
    ),
    Case(
        "reentrancy",
        f"{_BANK} function take() external {{\n uint256 due = held[msg.sender];\n"
        ' (bool ok, ) = msg.sender.call{value: due}("");\n require(ok);\n'
        " held[msg.sender] = 0;\n }",
        "- held[msg.sender] = 0;",
        "write state before the call",
    ),
    Case(
        "reentrancy",
        f"{_BANK} function take() external {{\n"
        ' (bool ok, ) = msg.sender.call{value: held[msg.sender]}("");\n require(ok);\n'
        " held[msg.sender] = 0;\n }",
        'require(!_entered, "reentrant call");',
        "lock the function",
    ),
    Case(
        "tx-origin",
        "address owner = msg.sender; uint256 fee; function set(uint256 to) external {\n"
        " require(tx.origin == owner);\n fee = to;\n }",
        "require(msg.sender == owner);",
        "ask for the caller, not for who signed",
    ),
    Case(
        "unprotected-selfdestruct",
        f"{_OWNED} function close() external {{\n selfdestruct(payable(msg.sender));\n }}",
        "mine {",
        "use the contract's own guard",
    ),
    Case(
        "unprotected-selfdestruct",
        "function close() external {\n selfdestruct(payable(msg.sender));\n }",
        "address private immutable _deployer = msg.sender;",
        "let only the deployer call",
    ),
    Case(
        "integer-overflow",
        "mapping(address => uint256) held; function put(uint256 more) external {\n"
        " unchecked { held[msg.sender] = held[msg.sender] + more; }\n }",
        "{ held[msg.sender] = held[msg.sender] + more; }",
        "let the compiler check the arithmetic",
    ),
    Case(
        "unsafe-downcast",
        "uint128 kept; function keep(uint256 amount) external {\n kept = uint128(amount);\n }",
        'require(uint128(amount) == amount, "value cut off");',
        "demand that the value fits",
    ),
    Case(
        "push-payment",
        "address payable leader; uint256 bid; function lead() external payable {\n"
        " require(msg.value > bid);\n leader.transfer(bid);\n"
        " leader = payable(msg.sender);\n bid = msg.value;\n }",
        "if (!leader.send(bid)) _owed[leader] += bid;",
        "let recipients fetch what cannot be sent",
    ),
    Case(
        "zero-signer",
        "address signer = address(1); uint256 used; function claim(bytes32 h, uint8 v, bytes32 r,"
        " bytes32 s) external {\n address who = ecrecover(h, v, r, s);\n require(who == signer);\n"
        " used += 1;\n }",
        'require(who != address(0), "no signer");',
        "demand that somebody signed",
    ),
    Case(
        "locked-ether",
        "address owner = msg.sender; uint256 got; function put() external payable { got += 1; }",
        'msg.sender.call{value: address(this).balance}("");',
        "let the owner withdraw",
    ),
    Case(
        "shadowed-local",
        "address owner = msg.sender; function who(address owner) external pure returns (address) {"
        "\n return owner;\n }",
        "return owner_;",
        "rename what hides another name",
    ),
    Case(
        "assert-on-input",
        "uint256 kept; function keep(uint256 amount) external {\n assert(amount > 1);\n"
        " kept = amount;\n }",
        "require(amount > 1);",
        "use require for input",
    ),
    Case(
        "stale-oracle-price",
        "IFeed feed; uint256 kept; constructor(IFeed to) { feed = to; }"
        " function sync(uint256 more) external {\n"
        " (, int256 price, , , ) = feed.latestRoundData();\n require(price > 0);\n"
        " kept = uint256(price) + more;\n }",
        "block.timestamp - updatedAt <= 1 days",
        "demand a fresh answer",
    ),
    Case(
        "unchecked-token-return",
        "IToken token; constructor(IToken to) { token = to; }"
        " function pay(address to, uint256 amount) external {\n token.transfer(to, amount);\n }",
        'require(token.transfer(to, amount), "call failed");',
        "demand that the call succeeds",
    ),
    Case(
        "open-burn",
        "mapping(address => uint256) public balanceOf; uint256 public totalSupply;"
        " function put() external payable { balanceOf[msg.sender] += msg.value;"
        " totalSupply += msg.value; }"
        " function burn(address from, uint256 amount) external {\n"
        " balanceOf[from] -= amount;\n totalSupply -= amount;\n }",
        'require(from == msg.sender, "not the holder");',
        "let only the holder call",
    ),
)

ABOVE = """interface IToken {
    function transfer(address to, uint256 amount) external returns (bool);
}
interface IFeed {
    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80);
}
"""
