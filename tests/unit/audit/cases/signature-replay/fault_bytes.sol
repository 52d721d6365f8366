pragma solidity ^0.8.20;

import "./ERC20.sol";

contract Airdrop is ERC20 {
    address issuer;

    function _split(bytes memory proof) internal pure returns (bytes32 r, bytes32 s, uint8 v) {
        require(proof.length == 65);
        assembly {
            r := mload(add(proof, 32))
            s := mload(add(proof, 64))
            v := byte(0, mload(add(proof, 96)))
        }
    }

    function _signer(bytes32 hash, bytes memory proof) internal pure returns (address) {
        (bytes32 r, bytes32 s, uint8 v) = _split(proof);
        return ecrecover(hash, v, r, s);
    }

    function claim(address to, uint256 amount, bytes memory proof) external {
        bytes32 hash = keccak256(abi.encodePacked(to, amount));
        bytes32 signed = keccak256(abi.encodePacked("\x19Ethereum Signed Message:\n32", hash));
        require(_signer(signed, proof) == issuer); // fault
        _mint(to, amount);
    }
}
