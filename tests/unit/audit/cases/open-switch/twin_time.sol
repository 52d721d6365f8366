pragma solidity ^0.8.0;

contract Sale {
    address owner = msg.sender;
    uint256 end = block.timestamp + 1 days;
    bool public closed;
    bool private running;

    function close() external {
        require(block.timestamp > end);
        closed = true;
    }

    function buy() external payable {
        require(!closed && !running);
        running = true;
        payable(owner).transfer(msg.value);
        running = false;
    }

    function end_() external {
        require(msg.sender == owner);
        closed = true;
    }
}
