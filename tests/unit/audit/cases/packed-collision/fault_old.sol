pragma solidity ^0.4.24;

contract Names {
    mapping(bytes32 => bool) taken;

    function take(string a, bytes b) public {
        taken[keccak256(a, b)] = true; // fault
    }
}
