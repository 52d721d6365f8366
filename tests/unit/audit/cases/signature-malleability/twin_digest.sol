pragma solidity ^0.8.0;

contract Claims {
    mapping(bytes32 => bool) spent;
    mapping(address => uint256) balance;
    address judge;

    function claim(uint256 amount, uint256 nonce, uint8 v, bytes32 r, bytes32 s) external {
        bytes32 digest = keccak256(abi.encode(block.chainid, address(this), msg.sender, amount, nonce));
        require(!spent[digest]);
        spent[digest] = true;
        address found = ecrecover(digest, v, r, s);
        require(found != address(0) && found == judge);
        balance[msg.sender] += amount;
    }
}
