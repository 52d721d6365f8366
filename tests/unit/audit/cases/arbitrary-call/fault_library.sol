pragma solidity ^0.8.0;

library Calls {
    function run(address target, bytes memory data) internal returns (bytes memory answer) {
        bool ok;
        (ok, answer) = target.call(data);
        require(ok);
    }
}

contract Lender {
    using Calls for address;

    uint256 lent;

    function lend(uint256 amount, address target, bytes calldata data) external {
        lent += amount;
        target.run(data); // fault
        lent -= amount;
    }
}
