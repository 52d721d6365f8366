pragma solidity ^0.8.0;

interface IFeed {
    function decimals() external view returns (uint8);
    function latestAnswer() external view returns (int256);
    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80);
}

contract Lender {
    IFeed feed;
    uint256 scale;

    constructor(IFeed given) {
        feed = given;
        scale = 10 ** (18 - given.decimals());
    }

    function price() public view returns (uint256) {
        (, int256 answer, , , ) = feed.latestRoundData();
        return (uint256(answer) * scale * 1e18) / 1e18;
    }
}
