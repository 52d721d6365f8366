"""Repair a contract: a fix is shown only if it changes nothing but the fault.

Run: python examples/fix_a_contract.py      (needs node and npm once, for the Solidity compiler)
"""

import tempfile
from pathlib import Path

from diptych.audit.catalogue import installed_rules
from diptych.audit.fixes import Fixer
from diptych.audit.replay import replay_node
from diptych.audit.source.load import load_program

VAULT = """pragma solidity ^0.8.20;

contract Vault {
    mapping(address => uint256) held;

    function put() public payable { held[msg.sender] += msg.value; }

    function take() public {
        uint256 due = held[msg.sender];
        (bool ok, ) = msg.sender.call{value: due}("");
        require(ok);
        held[msg.sender] = 0;
    }
}
"""


def main() -> None:
    """Scan the vault and print the fix of each finding, or why there is none."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "Vault.sol")
        path.write_text(VAULT)
        loaded = load_program([path])
        with replay_node() as node, Fixer(loaded, installed_rules(), node) as fixer:
            for finding in fixer.findings(str(path)):
                result = fixer.fix(finding)
                if result.fix is None:
                    print(f"{finding.rule.id}: {result.withheld}")
                    continue
                print(f"{finding.rule.id}: {result.fix.name}")
                print(f"{result.fix.proof.calls} calls agree on a node")
                print(result.fix.diff.partition("@@")[2])


if __name__ == "__main__":
    main()
