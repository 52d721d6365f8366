"""Small contracts, each with one fault that a template repairs, and what the repair looks like."""

from typing import NamedTuple


class Case(NamedTuple):
    """A rule, a contract's members, and a line that the fix puts in or takes out (with a minus)."""

    rule: str
    members: str
    change: str
    name: str


class Refused(NamedTuple):
    """Why no template may repair a fault, its rule, and a contract's members."""

    why: str
    rule: str
    members: str


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
    Case(
        "locked-ether",
        "mapping(address => uint256) held; function put() external payable {\n"
        " held[msg.sender] += msg.value;\n }",
        "= held[msg.sender];",
        "let depositors withdraw",
    ),
    Case(
        "fixed-gas",
        "mapping(address => uint256) held; function put() external payable"
        " { held[msg.sender] += msg.value; } function take() external {\n"
        " uint256 due = held[msg.sender];\n held[msg.sender] = 0;\n"
        " payable(msg.sender).transfer(due);\n }",
        '{ (bool paid, ) = payable(msg.sender).call{value: due}(""); require(paid, "not paid"); }',
        "forward the gas that is left",
    ),
    Case(
        "fixed-gas",
        "function pay(address to) external payable {\n"
        ' (bool ok, ) = to.call{value: msg.value, gas: 5000}("");\n require(ok);\n }',
        '(bool ok, ) = to.call{value: msg.value}("");',
        "forward the gas that is left",
    ),
    Case(
        "signature-replay",
        "address signer = address(1); uint256 paid; function pay(uint256 amount, uint8 v,"
        " bytes32 r, bytes32 s) external {\n"
        " bytes32 digest = keccak256(abi.encode(this, amount));\n"
        " address who = ecrecover(digest, v, r, s);\n"
        " require(who != address(0) && who == signer);\n paid += amount;\n }",
        "_used[digest] = true;",
        "take each signed message once",
    ),
    Case(
        "unused-limit",
        "IToken token; uint256 money = 1; uint256 stock = 1 ether; constructor(IToken to) {"
        " token = to; } function buy(uint256 deadline, uint256 least) external payable {\n"
        " uint256 gives = (stock * msg.value) / (money + msg.value);\n require(gives >= least);\n"
        " money += msg.value;\n stock -= gives;\n"
        " require(token.transfer(msg.sender, gives));\n }",
        'require(block.timestamp <= deadline, "too late");',
        "demand that the deadline holds",
    ),
    Case(
        "exact-balance",
        "uint256 sum; bool closed; function put() external payable { sum += msg.value; }"
        " function close() external {\n require(address(this).balance == sum);\n"
        " closed = true;\n }",
        "require(address(this).balance >= sum);",
        "let the balance be more",
    ),
    Case(
        "past-the-end",
        "uint256[] weights; uint256 sum; function put(uint256 w) external { weights.push(w); }"
        " function add() external {\n for (uint256 i = 0; i <= weights.length; i++) {\n"
        " unchecked { sum += weights[i]; }\n }\n }",
        "for (uint256 i = 0; i < weights.length; i++) {",
        "stop at the last item",
    ),
    Case(
        "missing-return",
        "mapping(address => uint256) held; function put(uint256 more) external returns (bool) {\n"
        " held[msg.sender] = more;\n }",
        "return true;",
        "return true at the end",
    ),
    Case(
        "skipping-modifier",
        "address owner = msg.sender; uint256 fee; modifier mine() {\n"
        " if (msg.sender == owner) _;\n } function set(uint256 to) external mine { fee = to; }",
        'require(msg.sender == owner, "not allowed");',
        "revert instead of skipping",
    ),
    Case(
        "rounding-in-callers-favour",
        "IToken token; mapping(address => uint256) part; uint256 parts = 3; uint256 held = 2;"
        " constructor(IToken to) { token = to; part[msg.sender] = 3; }"
        " function take(uint256 amount) external {\n uint256 cost = (amount * parts) / held;\n"
        " part[msg.sender] -= cost;\n parts -= cost;\n held -= amount;\n"
        " require(token.transfer(msg.sender, amount));\n }",
        "(amount * parts) / held + ((amount * parts) % held == 0 ? 0 : 1);",
        "round up",
    ),
    Case(
        "open-record",
        "address public reporter = msg.sender; mapping(address => uint256) public priceOf;"
        " function hand(address to) external { require(msg.sender == reporter); reporter = to; }"
        " function set(address asset, uint256 to) external {\n priceOf[asset] = to;\n }",
        'require(msg.sender == reporter, "not the owner");',
        "let only the owner call",
    ),
)

_FACTORY = "} contract Maker { function make() external returns (C) { return new C(); }"
_SIGNED = (
    "bytes32 digest = keccak256(abi.encode(this, amount));"
    " address who = ecrecover(digest, v, r, s);"
)

REFUSED = (
    Refused(
        "the factory would be the deployer",
        "unprotected-selfdestruct",
        "function close() external { selfdestruct(payable(msg.sender)); }" + _FACTORY,
    ),
    Refused(
        "users get there by another function",
        "open-record",
        "address public reporter = msg.sender; mapping(address => uint256) public priceOf;"
        " function hand(address to) external { require(msg.sender == reporter); reporter = to; }"
        " function set(address asset, uint256 to) public { priceOf[asset] = to; }"
        " function sell(address asset) external payable { set(asset, msg.value); }",
    ),
    Refused(
        "whoever comes first would still take it",
        "owner-takeover",
        "address owner; uint256 fee; function rely(address to) external { owner = to; }"
        " function init() external {} function set(uint256 to) external"
        " { require(msg.sender == owner); fee = to; }",
    ),
    Refused(
        "what is owed would be swept",
        "push-payment",
        "address payable leader; uint256 bid; function lead() external payable {"
        " require(msg.value > bid); leader.transfer(bid); leader = payable(msg.sender);"
        " bid = msg.value; } function rest() external view returns (uint256)"
        " { return address(this).balance; }",
    ),
    Refused(
        "the owner would get what is others'",
        "locked-ether",
        "mapping(address => uint256) held; function put(address to) external payable"
        " { held[to] += msg.value; }",
    ),
    Refused(
        "callers could choose less than all",
        "exact-balance",
        "bool ended; receive() external payable {} function close(uint256 amount) external {"
        " require(address(this).balance == amount); ended = true;"
        " payable(msg.sender).transfer(amount); }",
    ),
    Refused(
        "the stipend keeps callers from coming back",
        "fixed-gas",
        "mapping(address => uint256) held; function put() external payable"
        " { held[msg.sender] += msg.value; } function take() external {"
        " payable(msg.sender).transfer(held[msg.sender]); held[msg.sender] = 0; }",
    ),
    Refused(
        "on one way nothing was done",
        "missing-return",
        "mapping(address => uint256) held; function move(uint256 less) external returns (bool)"
        " { if (held[msg.sender] >= less) held[msg.sender] -= less; }",
    ),
    Refused(
        "others call it and go on",
        "skipping-modifier",
        "bool open; uint256 count; modifier opened { if (open) _; } function flip() external"
        " { open = !open; } function note() public opened { count += 1; }"
        " function run() external { note(); }",
    ),
    Refused(
        "paying in would round the wrong way",
        "rounding-in-callers-favour",
        "mapping(address => uint256) part; uint256 parts = 1; uint256 held = 1;"
        " function turned(uint256 a) public view returns (uint256) { return (a * parts) / held; }"
        " function put() external payable { uint256 made = turned(msg.value);"
        " part[msg.sender] += made; parts += made; held += msg.value; }"
        " function take(uint256 a) external { uint256 cost = turned(a); part[msg.sender] -= cost;"
        ' parts -= cost; held -= a; (bool ok, ) = msg.sender.call{value: a}(""); require(ok); }',
    ),
    Refused(
        "anybody could use up a message with a wrong signature",
        "signature-replay",
        "address signer = address(1); uint256 paid; function pay(uint256 amount, uint8 v,"
        f" bytes32 r, bytes32 s) external returns (bool) {{ {_SIGNED}"
        " if (who == address(0) || who != signer) return false; paid += amount; return true; }",
    ),
    Refused(
        "the contract itself passes no time",
        "unused-limit",
        "IToken token; uint256 money = 1; uint256 stock = 9; function buy(uint256 deadline,"
        " uint256 least) public payable {"
        " uint256 gives = (stock * msg.value) / (money + msg.value);"
        " require(gives >= least); money += msg.value; stock -= gives;"
        " require(token.transfer(msg.sender, gives)); } function now_() external payable"
        " { buy(0, 1); }",
    ),
)

ABOVE = """interface IToken {
    function transfer(address to, uint256 amount) external returns (bool);
}
interface IFeed {
    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80);
}
"""
