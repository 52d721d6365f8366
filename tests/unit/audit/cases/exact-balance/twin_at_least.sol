pragma solidity ^0.8.0;

contract Game {
    uint256 public constant TARGET = 7 ether;
    address public winner;
    uint256 public sum;

    function play() external payable {
        require(msg.value == 1 ether);
        sum += msg.value;
        if (sum == TARGET) winner = msg.sender;
    }

    function close() external {
        require(address(this).balance >= sum, "books");
        winner = address(0);
    }
}
