pragma solidity ^0.8.0;

contract Relay {
    mapping(bytes32 => bool) done;

    function relay(address target, bytes calldata data, uint256 nonce) external returns (bool) {
        bytes32 id = keccak256(abi.encode(target, data, nonce));
        require(!done[id]);
        done[id] = true;
        (bool ok, ) = target.call(data); // fault
        return ok;
    }
}
