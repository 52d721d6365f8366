pragma solidity ^0.8.0;

library Signer {
    error Bad();

    function of(bytes32 digest, uint8 v, bytes32 r, bytes32 s) internal pure returns (address who) {
        who = ecrecover(digest, v, r, s);
        if (who == address(0)) revert Bad();
    }
}

contract Permits {
    mapping(address => mapping(address => uint256)) public allowed;
    mapping(address => uint256) public nonces;
    mapping(uint256 => address) public keeper;

    function permit(address from, address to, uint256 amount, uint8 v, bytes32 r, bytes32 s) external {
        bytes32 digest = keccak256(abi.encode(address(this), from, to, amount, nonces[from]++));
        address who = ecrecover(digest, v, r, s);
        require(who != address(0) && who == from, "signature");
        allowed[from][to] = amount;
    }

    function release(uint256 id, uint8 v, bytes32 r, bytes32 s) external {
        require(Signer.of(keccak256(abi.encode(address(this), id)), v, r, s) == keeper[id]);
        keeper[id] = msg.sender;
    }
}
