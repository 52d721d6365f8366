pragma solidity ^0.8.0;

contract Piggy {
    mapping(address => uint256) public held;

    function put() external payable {
        held[msg.sender] += msg.value;
    }

    function take() external {
        uint256 due = held[msg.sender];
        held[msg.sender] = 0;
        pay(due);
    }

    function pay(uint256 due) private {
        (bool ok, ) = msg.sender.call{value: due}("");
        require(ok);
    }
}
