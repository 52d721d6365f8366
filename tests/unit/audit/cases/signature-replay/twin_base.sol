pragma solidity ^0.8.20;

import "./EIP712.sol";
import "./Nonces.sol";

contract Orders is EIP712, Nonces {
    mapping(address => uint256) public points;
    bytes32 constant TYPE = keccak256("Order(address who,uint256 amount,uint256 nonce)");

    function fill(address who, uint256 amount, uint8 v, bytes32 r, bytes32 s) external {
        bytes32 data = keccak256(abi.encode(TYPE, who, amount, _useNonce(who)));
        address found = ECDSA.recover(_hashTypedDataV4(data), v, r, s);
        require(found == who);
        points[who] += amount;
    }

    function check(bytes32 digest, uint8 v, bytes32 r, bytes32 s) external pure returns (address) {
        return ecrecover(digest, v, r, s);
    }
}
