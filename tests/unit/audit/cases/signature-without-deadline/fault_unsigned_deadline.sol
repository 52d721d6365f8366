pragma solidity ^0.8.0;

contract Cheques {
    mapping(address => uint256) public nonces;
    address judge;

    function cash(uint256 amount, uint256 until, uint8 v, bytes32 r, bytes32 s) external {
        require(block.timestamp <= until);
        bytes32 digest = keccak256(
            abi.encode(block.chainid, address(this), msg.sender, amount, nonces[msg.sender]++)
        );
        require(ecrecover(digest, v, r, s) == judge); // fault
        payable(msg.sender).transfer(amount);
    }
}
