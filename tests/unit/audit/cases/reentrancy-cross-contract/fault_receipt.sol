pragma solidity ^0.8.20;

interface IReceipt {
    function owed(address who) external view returns (uint256);
    function settle(address who, uint256 sum) external;
}

contract Desk {
    IReceipt internal receipts;

    constructor(IReceipt r) {
        receipts = r;
    }

    function cash(address payable to) external {
        uint256 sum = receipts.owed(msg.sender);
        require(sum != 0, "none");
        (bool ok, ) = to.call{value: sum}(""); // fault
        require(ok, "send");
        receipts.settle(msg.sender, sum);
    }
}
