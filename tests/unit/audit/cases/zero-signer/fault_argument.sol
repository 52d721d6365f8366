pragma solidity ^0.8.0;

contract Permits {
    mapping(address => mapping(address => uint256)) public allowed;
    mapping(address => uint256) public nonces;
    mapping(uint256 => address) public keeper;
    mapping(address => uint256) public credit;

    function permit(address from, address to, uint256 amount, uint8 v, bytes32 r, bytes32 s) external {
        bytes32 digest = keccak256(abi.encode(address(this), from, to, amount, nonces[from]++));
        require(ecrecover(digest, v, r, s) == from, "signature"); // fault
        allowed[from][to] = amount;
    }

    function release(uint256 id, uint8 v, bytes32 r, bytes32 s) external {
        address who = ecrecover(keccak256(abi.encode(address(this), id)), v, r, s); // fault
        if (who != keeper[id]) revert();
        keeper[id] = msg.sender;
    }

    function vote(uint256 amount, uint8 v, bytes32 r, bytes32 s) external {
        address who = ecrecover(keccak256(abi.encode(address(this), amount)), v, r, s); // fault
        credit[who] += amount;
    }
}
