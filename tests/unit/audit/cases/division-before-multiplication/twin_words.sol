pragma solidity ^0.8.20;
contract Words {
    uint256 internal spent;
    function pay(uint256 bytes_) external {
        uint256 words = (bytes_ + 31) / 32;
        spent += words * 6 + words * words / 512;
    }
}
