"""Faults to plant in Vyper code: what is replaced by what, everywhere or in one file."""

from typing import NamedTuple


class Operator(NamedTuple):
    """A fault to plant: everywhere a pattern stands, or only in one file."""

    name: str
    category: str
    pattern: str
    replacement: str
    file: str = ""


ACCESS, UNCHECKED, ORDER = "access_control", "unchecked_low_level_calls", "front_running"
RANDOM, STOP = "bad_randomness", "denial_of_service"
EVERYWHERE = (
    Operator(
        "owner check removed",
        ACCESS,
        r"\n +assert msg\.sender == (?:self\.(?!nonce)\w+|\w+|self), .*",
        "",
    ),
    Operator(
        "owner check of a module removed",
        ACCESS,
        r"\n +(?:ownable|keys|access_control)\._(?:check_owner|only_owner|check_role)\(.*\)"
        r"(?= *(?:#.*)?\n)",
        "",
    ),
    Operator(
        "tx.origin for msg.sender",
        ACCESS,
        r"assert msg\.sender == (?!self,)",
        "assert tx.origin == ",
    ),
    Operator(
        "total unchecked",
        "arithmetic",
        r"(self\.total\w*) \+= (amount)\n",
        r"\1 = unsafe_add(\1, \2)\n",
    ),
    Operator(
        "subtraction unchecked, bound removed",
        "arithmetic",
        r"\n +assert (self\.\w+\[msg\.sender\]) >= amount.*\n +\1 -= amount\n",
        r"\n    \1 = unsafe_sub(\1, amount)\n",
    ),
    Operator(
        "allowance unchecked",
        "arithmetic",
        r"(self\.allowance\[owner\]\[msg\.sender\]) -= amount",
        r"\1 = unsafe_sub(\1, amount)",
    ),
    Operator(
        "failed call ignored",
        UNCHECKED,
        r"(raw_call\([\w.]+, [\w\"]+, value=[^()]+)\)",
        r"\1, revert_on_failure=False)",
    ),
    Operator(
        "token's answer ignored",
        UNCHECKED,
        r"assert ((?:extcall )?\w+\(\w+\)\.transfer(?:From)?\(.*\))(?:, .*|(?=\n))",
        r"\1",
    ),
    Operator("signed nonce not spent", ACCESS, r"\n +self\.nonces?(?:\[owner\])? = nonce \+ 1", ""),
    Operator(
        "zero signer let through",
        ACCESS,
        r"\n +assert signer != empty\(address\), \"no signature\""
        r"(?=[^@]*ecrecover|\n +assert (?:signer ==|self\.is_owner))",
        "",
    ),
    Operator("least amount dropped", ORDER, r"\n +assert gives >= least.*", ""),
    Operator(
        "deadline dropped",
        ORDER,
        r"\n +assert block\.timestamp <= deadline, \"too late\"(?=\n +gives)",
        "",
    ),
)
DEBIT = r"    self\.held\[msg\.sender\] = due - amount\n"
AFTER = (
    r"(?P<head>@nonreentrant[^\n]*\n(?P<def>def {}\(.*?\n))"
    r"(?P<before>(?: .*\n)*?)(?P<effect>{})"
    r"(?P<call>(?: +.*\n)*? +(?:assert extcall|raw_call|send)\(?.*\n)"
)


def reordered(function: str, effect: str, file: str) -> Operator:
    """Take the lock off a function and write its state after its call."""
    pattern = AFTER.format(function, effect)
    return Operator(
        "lock removed, state written last",
        "reentrancy",
        pattern,
        r"\g<def>\g<before>\g<call>\g<effect>",
        file,
    )


HERE_ONLY = (
    reordered("withdraw", r"    self\.held\[msg\.sender\] = due - amount\n", "bank.vy"),
    reordered("take_fees", r"    self\.fees = 0\n", "bank.vy"),
    reordered("claim", r"    self\.stakes\[msg\.sender\]\.owed = 0\n", "stake.vy"),
    reordered("leave", r"    self\.stakes\[msg\.sender\]\.amount = .*\n", "stake.vy"),
    reordered("fetch", r"    self\.refunds\[msg\.sender\] = 0\n", "sale.vy"),
    reordered("sell", r"    self\.stock \+= amount\n    self\.money -= gives\n", "sale.vy"),
    reordered("fetch", r"    self\.won\[msg\.sender\] = 0\n", "draw.vy"),
    reordered("repay", r"    self\.loans\[msg\.sender\] = Loan.*\n", "borrow.vy"),
    reordered("execute", r"    self\.nonce = nonce \+ 1\n", "wallet.vy"),
    Operator(
        "another lock",
        "reentrancy",
        DEBIT + r"((?:.*\n)*?)(    raw_call.*\n)((?:.*\n)*?)@nonreentrant\(\"bank\"\)",
        r'\1\2    self.held[msg.sender] = due - amount\n\3@nonreentrant("move")',
        "bank.vy",
    ),
    Operator(
        "broken compiler",
        "reentrancy",
        r"@version 0\.3\.10((?:.*\n)*?)" + DEBIT + r"((?:.*\n)*?)(    raw_call.*\n)",
        r"@version 0.2.16\1\2\3    self.held[msg.sender] = due - amount\n",
        "bank.vy",
    ),
    Operator(
        "time as chance",
        RANDOM,
        r"convert\(self\.mix, uint256\)",
        "convert(keccak256(convert(block.timestamp, bytes32)), uint256)",
        "draw.vy",
    ),
    Operator(
        "block hash as chance",
        RANDOM,
        r"convert\(self\.mix, uint256\)",
        "convert(blockhash(block.number - 1), uint256)",
        "draw.vy",
    ),
    Operator(
        "randao as chance",
        RANDOM,
        r"convert\(self\.mix, uint256\)",
        "convert(block.prevrandao, uint256)",
        "draw.vy",
    ),
    Operator(
        "target of the caller's choice",
        ACCESS,
        r"def extend\(data: Bytes\[1024\]\):\n.*\n    raw_call\(self\.library",
        "def extend(target: address, data: Bytes[1024]):\n    raw_call(target",
        "wallet.vy",
    ),
    Operator(
        "anybody retires",
        ACCESS,
        r"    assert msg\.sender == self, \"only by execute\"\n    self\.retired",
        "    self.retired",
        "wallet.vy",
    ),
    Operator(
        "signatures not looked at", ACCESS, r"    assert count >= self\.needed.*\n", "", "wallet.vy"
    ),
    Operator(
        "opened by anybody, again and again",
        ACCESS,
        r"    assert msg\.sender == self\.seller, .*\n    assert not self\.ready.*\n"
        r"    self\.ready = True\n",
        "    self.seller = msg.sender\n    self.ready = True\n",
        "sale.vy",
    ),
    Operator(
        "loser paid on the spot",
        STOP,
        r"    self\.refunds\[self\.leader\] \+= self\.best\n",
        "    send(self.leader, self.best)\n",
        "sale.vy",
    ),
    Operator(
        "all players paid in a loop",
        STOP,
        r"    self\.won\[winner\] \+= self\.balance\n",
        "    for player in self.players:\n        send(player, PRICE)\n",
        "draw.vy",
    ),
    Operator(
        "answer of the oracle by spot balances",
        "other",
        r"    return convert\(answer, uint256\)",
        "    return staticcall IERC20(PLEDGE).balanceOf(FEED) * SCALE // FEED.balance",
        "borrow.vy",
    ),
    Operator(
        "from whom the caller says",
        ACCESS,
        r"def stake\(amount: uint256\)((?:.*\n)*?.*)transferFrom\(msg\.sender,",
        r"def stake(amount: uint256, payer: address)\1transferFrom(payer,",
        "stake.vy",
    ),
    Operator(
        "paid for asking",
        ACCESS,
        r"    assert msg\.sender == self\.treasurer.*\n    due: uint256 = self\.fees\n"
        r"    self\.fees = 0\n    raw_call\(to, b\"\", value=due\)",
        '    raw_call(msg.sender, b"", value=self.balance)',
        "bank.vy",
    ),
)
