pragma solidity ^0.8.0;

contract Points {
    mapping(address => uint256) public points;
    mapping(address => uint256) public nonces;
    address judge;

    function award(uint256 amount, uint8 v, bytes32 r, bytes32 s) external {
        bytes32 inner = keccak256(abi.encodePacked(msg.sender, amount, nonces[msg.sender]++));
        bytes32 digest = keccak256(abi.encodePacked("\x19Ethereum Signed Message:\n32", inner));
        require(ecrecover(digest, v, r, s) == judge); // fault
        points[msg.sender] += amount;
    }
}
