pragma solidity ^0.8.0;

contract Game {
    uint256 public constant TARGET = 7 ether;
    address public winner;
    mapping(address => uint256) public paid;
    uint256 public sum;

    function play() external payable {
        require(msg.value == 1 ether);
        uint256 held = address(this).balance;
        if (held == TARGET) winner = msg.sender; // fault
        paid[msg.sender] += msg.value;
        sum += msg.value;
    }

    function close() external {
        require(address(this).balance == sum, "books"); // fault
        winner = address(0);
    }
}
