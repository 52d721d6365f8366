pragma solidity ^0.8.0;

import "./SafeCast.sol";

interface IFeed {
    function decimals() external view returns (uint8);
    function latestAnswer() external view returns (int256);
    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80);
}

contract Lender {
    using SafeCast for int256;

    IFeed feed;

    function price() public view returns (uint256) {
        (, int256 answer, , , ) = feed.latestRoundData();
        return answer.toUint256();
    }

    function raw() public view returns (int256) {
        return feed.latestAnswer();
    }
}
