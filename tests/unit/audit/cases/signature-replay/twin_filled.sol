pragma solidity ^0.8.20;

contract Exchange {
    mapping(bytes32 => uint256) public filled;
    mapping(address => mapping(address => uint256)) public held;

    function fill(
        address maker, address give, address get, uint256 most, uint256 amount, uint8 v, bytes32 r, bytes32 s
    ) external {
        bytes32 order = keccak256(abi.encode(address(this), block.chainid, maker, give, get, most));
        bytes32 digest = keccak256(abi.encodePacked("\x19Ethereum Signed Message:\n32", order));
        require(maker != address(0) && ecrecover(digest, v, r, s) == maker);
        require(filled[order] + amount <= most);
        filled[order] += amount;
        held[give][maker] -= amount;
        held[give][msg.sender] += amount;
    }

    function cancel(address give, address get, uint256 most, uint8 v, bytes32 r, bytes32 s) external {
        bytes32 order = keccak256(abi.encode(address(this), block.chainid, msg.sender, give, get, most));
        require(ecrecover(order, v, r, s) == msg.sender);
        filled[order] = most;
    }
}
