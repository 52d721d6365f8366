pragma solidity ^0.8.0;

interface IFeed {
    function decimals() external view returns (uint8);
    function latestAnswer() external view returns (int256);
    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80);
}

contract Lender {
    IFeed feed;

    function price() public view returns (uint256) {
        (, int256 answer, , uint256 updated, ) = feed.latestRoundData();
        require(answer > 0 && updated + 1 hours > block.timestamp);
        return uint256(answer) * 1e10; // fault
    }
}
