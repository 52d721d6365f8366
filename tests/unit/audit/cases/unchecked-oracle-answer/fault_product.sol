pragma solidity ^0.7.0;

interface IFeed {
    function decimals() external view returns (uint8);
    function latestAnswer() external view returns (int256);
    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80);
}

contract Lender {
    IFeed feed;
    mapping(address => int256) worth;

    function mark(int256 amount) external {
        worth[msg.sender] = amount * feed.latestAnswer(); // fault
    }
}
