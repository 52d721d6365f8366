"""Find a fault in a contract, see why, and see that the repaired one is clean.

Run: python examples/audit_a_contract.py
"""

import tempfile
from pathlib import Path

from diptych.audit.catalogue import installed_rules
from diptych.audit.scan import scan_files

VAULT = """pragma solidity ^0.8.0;
contract Vault {
    mapping(address => uint) held;
    function put() public payable { held[msg.sender] += msg.value; }
    function take() public {
        uint due = held[msg.sender];
        (bool ok, ) = msg.sender.call{value: due}("");
        require(ok);
        held[msg.sender] = 0;
    }
}
"""
PAY = '        (bool ok, ) = msg.sender.call{value: due}("");\n        require(ok);\n'
CLEAR = "        held[msg.sender] = 0;\n"


def main() -> None:
    """Scan the vault, then the vault that clears the balance before it pays."""
    repaired = VAULT.replace(PAY + CLEAR, CLEAR + PAY)
    rules = installed_rules()
    with tempfile.TemporaryDirectory() as folder:
        for name, text in (("Vault.sol", VAULT), ("Repaired.sol", repaired)):
            path = Path(folder, name)
            path.write_text(text)
            report = scan_files([path], rules)
            for finding in report.findings:
                place = finding.location
                print(f"{name}:{place.line} {finding.rule.id}: {finding.message}")
            print(f"{name}: {len(report.findings)} found in {report.files[0].lines} lines")


if __name__ == "__main__":
    main()
