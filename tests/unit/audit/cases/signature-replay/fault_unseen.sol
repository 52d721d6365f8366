pragma solidity ^0.8.20;

import "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import "@openzeppelin/contracts/token/ERC20/ERC20.sol";

contract Gift is ERC20, EIP712 {
    address issuer;
    mapping(bytes32 => bool) used;

    function first(address to, uint256 amount, bytes calldata proof) external {
        bytes32 hash = keccak256(abi.encode(address(this), block.chainid, to, amount));
        address found = ECDSA.recover(MessageHashUtils.toEthSignedMessageHash(hash), proof); // fault
        require(found == issuer);
        _mint(to, amount);
    }

    function second(address to, uint256 amount, bytes calldata proof) external {
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(to, amount)));
        require(SignatureChecker.isValidSignatureNow(issuer, digest, proof)); // fault
        _mint(to, amount);
    }

    function third(address to, uint256 amount, bytes calldata proof) external {
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(to, amount)));
        require(SignatureChecker.isValidSignatureNow(issuer, digest, proof));
        require(!used[digest]);
        used[digest] = true;
        _mint(to, amount);
    }
}
