pragma solidity ^0.8.0;

contract Names {
    mapping(bytes32 => address) public owner;

    function claim(string calldata first, string calldata last) external {
        bytes32 id = keccak256(abi.encode(first, last));
        owner[id] = msg.sender;
        bytes32 one = keccak256(abi.encodePacked(first, msg.sender));
        owner[one] = msg.sender;
        bytes32 two = keccak256(abi.encodePacked(keccak256(bytes(first)), keccak256(bytes(last))));
        owner[two] = msg.sender;
    }
}
