pragma solidity ^0.8.20;

import "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

contract Gift is ERC20, EIP712 {
    using ECDSA for bytes32;

    address issuer;
    mapping(bytes32 => bool) used;

    function first(address to, uint256 amount, bytes calldata proof) external {
        bytes32 hash = keccak256(abi.encode(to, amount)).toEthSignedMessageHash();
        require(hash.recover(proof) == issuer && !used[hash]); // fault
        used[hash] = true;
        _mint(to, amount);
    }

    function second(address to, uint256 amount, bytes calldata proof) external {
        bytes32 hash = _hashTypedDataV4(keccak256(abi.encode(to, amount)));
        require(hash.recover(proof) == issuer && !used[hash]);
        used[hash] = true;
        _mint(to, amount);
    }
}
