pragma solidity ^0.8.0;

contract Steps {
    uint256 private nonce;
    uint8 private kind = 3;

    function step(uint256 given, uint8 of_) external {
        require(given == nonce && of_ == kind);
        nonce += 1;
    }
}
