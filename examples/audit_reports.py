"""Score a contract, accept what is known, and write reports that a person or a program reads.

Run: python examples/audit_reports.py
"""

import datetime as dt
import json
import tempfile
from pathlib import Path

from diptych.audit.catalogue import installed_rules
from diptych.audit.report.markdown import markdown
from diptych.audit.report.sarif import sarif
from diptych.audit.scan import scan_files
from diptych.audit.triage.comments import comment_suppressions
from diptych.audit.triage.triaged import Threshold, triage

VAULT = """pragma solidity 0.8.30;
contract Vault {
    mapping(address => uint) held;
    function take() public {
        uint due = held[msg.sender];
        (bool ok, ) = msg.sender.call{value: due}("");
        require(ok);
        held[msg.sender] = 0;
    }
    function tell(address whom) public {
        // diptych-ignore unchecked-call: a courtesy that may fail (until 2027-01-01)
        whom.call("");
    }
}
"""


def main() -> None:
    """Scan, triage, and write Markdown and SARIF."""
    rules = installed_rules(["reentrancy", "unchecked-call"])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "Vault.sol")
        path.write_text(VAULT)
        report = scan_files([path], rules)
        suppressions = [one for text in report.texts.values() for one in comment_suppressions(text)]
        for day in (dt.date(2026, 12, 31), dt.date(2027, 1, 2)):
            triaged = triage(report, suppressions, today=day)
            print(f"{day}: {len(triaged.suppressed)} suppressed, notices {len(triaged.notices)}")
            for risk in triaged.risks:
                print(f"  {risk.contract}: {risk.score} of 100")
                for part in risk.parts:
                    print(f"    {part.sentence()}")
        written = json.dumps(sarif(triaged, [rule.info for rule in rules]))
        print(f"SARIF {len(written) > 0}, Markdown {len(markdown(triaged)) > 0}")
        print("fails from high on:", triaged.fails(Threshold("high")))


if __name__ == "__main__":
    main()
