pragma solidity ^0.8.0;

contract Other {
    uint256 calls;

    function collate_propagate_storage(bytes16 place) external {
        calls += 1;
    }

    receive() external payable {}
}

contract Token {
    mapping(address => uint256) held;

    function burn(uint256 amount) external {
        held[msg.sender] -= amount;
    }
}
