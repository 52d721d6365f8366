pragma solidity ^0.8.20;

interface IReceipt {
    function owed(address who) external view returns (uint256);
    function settle(address who, uint256 sum) external;
    function shown(address who) external view returns (bool);
}

contract Desk {
    IReceipt internal receipts;

    constructor(IReceipt r) {
        receipts = r;
    }

    function cash() external {
        uint256 sum = receipts.owed(msg.sender);
        receipts.settle(msg.sender, sum);
        (bool ok, ) = msg.sender.call{value: sum}("");
        require(ok, "send");
        require(receipts.shown(msg.sender), "shown");
    }

    function plain() external {
        uint256 sum = receipts.owed(msg.sender);
        payable(msg.sender).transfer(sum);
        receipts.settle(msg.sender, sum);
    }
}
