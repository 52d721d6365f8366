pragma solidity ^0.8.20;

contract Vault {
    mapping(address => uint256) private held;

    function put() external payable {
        held[msg.sender] += msg.value;
    }

    function take() external {
        uint256 due = held[msg.sender];
        held[msg.sender] = 0;
        (bool ok, ) = msg.sender.call{value: due}("");
        require(ok);
    }
}
