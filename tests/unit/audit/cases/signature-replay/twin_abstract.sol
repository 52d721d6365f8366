pragma solidity ^0.8.20;

abstract contract Votes {
    mapping(uint256 => uint256) public weight;

    function _count(uint256 id, address voter) internal virtual;

    function vote(uint256 id, uint256 amount, uint8 v, bytes32 r, bytes32 s) external {
        bytes32 digest = keccak256(abi.encode(block.chainid, address(this), id, amount));
        address voter = ecrecover(digest, v, r, s);
        require(voter != address(0));
        _count(id, voter);
        weight[id] += amount;
    }
}
