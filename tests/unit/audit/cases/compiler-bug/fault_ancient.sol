pragma solidity 0.4.11;

contract Checks {
    event Said(string what, uint count);

    function signer(bytes32 digest, uint8 v, bytes32 r, bytes32 s) constant returns (address) {
        return ecrecover(digest, v, r, s); // fault
    }

    function say(uint count) {
        Said("", count); // fault
    }
}
