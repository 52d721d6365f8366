pragma solidity ^0.8.20;
abstract contract Wallet {
    mapping(address => bool) internal owners;
    uint256 internal threshold;
    uint256 internal count;

    function _may() internal view virtual returns (bool);

    function run(address to, bytes calldata what, bytes calldata signatures) external {
        bytes32 hash = keccak256(abi.encode(to, what, count++, address(this), block.chainid));
        _check(hash, signatures, threshold);
        (bool ok, ) = to.delegatecall(what);
        require(ok);
    }

    function also(address to, bytes calldata what) external {
        if (!_may()) revert();
        (bool ok, ) = to.delegatecall(what);
        require(ok);
    }

    function _check(bytes32 hash, bytes memory signatures, uint256 needed) internal view {
        require(needed > 0);
        address last = address(0);
        for (uint256 i = 0; i < needed; i++) {
            (uint8 v, bytes32 r, bytes32 s) = abi.decode(signatures, (uint8, bytes32, bytes32));
            address signer = ecrecover(hash, v, r, s);
            require(signer > last && owners[signer]);
            last = signer;
        }
    }
}
