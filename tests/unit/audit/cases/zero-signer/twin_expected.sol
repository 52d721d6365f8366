pragma solidity ^0.8.0;

contract Permits {
    address public immutable judge = msg.sender;
    mapping(address => uint256) public credit;
    mapping(address => uint256) public nonces;

    function move(address from, address to, uint256 amount, uint8 v, bytes32 r, bytes32 s) external {
        require(from != address(0));
        bytes32 digest = keccak256(abi.encode(address(this), from, to, amount, nonces[from]++));
        require(ecrecover(digest, v, r, s) == from, "signature");
        credit[from] -= amount;
        credit[to] += amount;
    }

    function own(uint256 amount, uint8 v, bytes32 r, bytes32 s) external {
        bytes32 digest = keccak256(abi.encode(address(this), amount, nonces[msg.sender]++));
        require(ecrecover(digest, v, r, s) == msg.sender);
        credit[msg.sender] += amount;
    }
}
