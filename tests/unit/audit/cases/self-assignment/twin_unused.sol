pragma solidity ^0.8.20;
contract Plain {
    uint256 internal most;
    function digits(uint256 id) external pure returns (uint8) {
        id = id; // said to be used
        return 18;
    }
}
