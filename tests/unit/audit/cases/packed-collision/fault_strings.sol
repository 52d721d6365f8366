pragma solidity ^0.8.0;

contract Names {
    mapping(bytes32 => address) public owner;

    function claim(string calldata first, string calldata last) external {
        bytes32 id = keccak256(abi.encodePacked(first, last)); // fault
        require(owner[id] == address(0));
        owner[id] = msg.sender;
    }
}
