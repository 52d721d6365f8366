pragma solidity ^0.8.20;
function forward(address to, bytes memory what) {
    (bool ok, ) = to.delegatecall(what);
    require(ok);
}
contract Wallet {
    mapping(address => bool) internal signers;
    uint256 internal quorum;
    uint256 internal count;

    function run(address to, bytes calldata what, bytes[] calldata signatures) external {
        if (signatures.length < quorum) revert();
        bytes32 hash = keccak256(abi.encode(to, what, count++, address(this), block.chainid));
        for (uint256 i = 0; i < signatures.length; i++) {
            (uint8 v, bytes32 r, bytes32 s) = abi.decode(signatures[i], (uint8, bytes32, bytes32));
            require(signers[ecrecover(hash, v, r, s)]);
        }
        forward(to, what);
    }
}
