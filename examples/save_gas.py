"""Save gas: a rewrite is shown only with what it saves, measured on a node.

Run: python examples/save_gas.py      (needs node and npm once, for the Solidity compiler)
"""

import tempfile
from pathlib import Path

from diptych.audit.gas import GasMeter
from diptych.audit.replay import replay_node
from diptych.audit.source.load import load_program

POOL = """pragma solidity ^0.8.20;

contract Pool {
    address public owner = msg.sender;
    uint256 public fee = 3;
    address[] public members;
    mapping(address => uint256) public shares;

    constructor() { owner = msg.sender; }

    function join(uint256 amount) external {
        members.push(msg.sender);
        shares[msg.sender] += amount;
    }

    function sum() external view returns (uint256 result) {
        for (uint256 i = 0; i < members.length; i++) {
            result += shares[members[i]] / fee;
        }
    }
}
"""


def main() -> None:
    """Rewrite the pool and print what each rewrite saves, or why it is dropped."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "Pool.sol")
        path.write_text(POOL)
        loaded = load_program([path])
        with replay_node() as node, GasMeter(loaded, node) as meter:
            for saving in meter.savings(str(path)):
                if saving.gas is None:
                    print(f"{saving.rewrite.id}: {saving.dropped}")
                    continue
                before, after = saving.gas.runtime
                less = f"{before - after:.0f} less gas"
                print(f"{saving.rewrite.id}: {less} for one call of each function")
                print(saving.diff.partition("@@")[2])


if __name__ == "__main__":
    main()
