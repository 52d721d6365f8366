pragma solidity ^0.6.0;

interface IFeed {
    function decimals() external view returns (uint8);
    function latestAnswer() external view returns (int256);
    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80);
}

contract Lender {
    IFeed feed;
    uint256 constant UNIT = 10 ** 8;

    function worth(uint256 amount) public view returns (uint256) {
        return (amount * uint256(feed.latestAnswer())) / UNIT; // fault
    }
}
