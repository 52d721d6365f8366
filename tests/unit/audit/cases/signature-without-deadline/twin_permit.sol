pragma solidity ^0.8.0;

contract Token {
    mapping(address => mapping(address => uint256)) public allowance;
    mapping(address => uint256) public nonces;

    function allow(
        address from, address to, uint256 amount, uint256 until, uint8 v, bytes32 r, bytes32 s
    ) external {
        require(until >= block.timestamp);
        bytes32 digest = keccak256(
            abi.encode(block.chainid, address(this), from, to, amount, until, nonces[from]++)
        );
        address who = ecrecover(digest, v, r, s);
        require(who != address(0) && who == from);
        allowance[from][to] = amount;
    }
}
