pragma solidity ^0.5.0;

contract Rights {
    address signer;

    function give(address[] memory admins, address[] memory users, uint8 v, bytes32 r, bytes32 s)
        public
        view
        returns (bool)
    {
        bytes32 digest = keccak256(abi.encodePacked(uint8(1), admins, users)); // fault
        return ecrecover(digest, v, r, s) == signer;
    }
}
