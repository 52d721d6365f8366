pragma solidity ^0.8.20;

contract Wallet {
    address public immutable signer;

    constructor(address given) payable {
        signer = given;
    }

    function pay(address payable to, uint256 amount, uint8 v, bytes32 r, bytes32 s) external {
        bytes32 digest = keccak256(abi.encode(block.chainid, address(this), to, amount));
        address found = ecrecover(digest, v, r, s); // fault
        require(found != address(0) && found == signer);
        (bool ok, ) = to.call{value: amount}("");
        require(ok);
    }
}
