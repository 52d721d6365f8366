pragma solidity ^0.8.0;

contract Token {
    mapping(address => mapping(address => uint256)) public allowance;
    mapping(address => uint256) public nonces;

    function allow(address from, address to, uint256 amount, uint8 v, bytes32 r, bytes32 s) external {
        bytes32 digest = keccak256(
            abi.encode(block.chainid, address(this), from, to, amount, nonces[from]++)
        );
        address who = ecrecover(digest, v, r, s); // fault
        require(who != address(0) && who == from);
        allowance[from][to] = amount;
    }
}
