pragma solidity ^0.8.20;
contract Rounds {
    uint64 internal start;
    uint64 internal length;
    uint64 internal closing;
    function isClosed() external view returns (bool) {
        if (block.timestamp < start) return true;
        uint64 passed = uint64(block.timestamp) - start;
        uint64 at = passed % length;
        return at >= length - closing;
    }
}
