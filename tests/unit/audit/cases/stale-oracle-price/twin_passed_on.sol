pragma solidity ^0.8.0;

interface IFeed {
    function decimals() external view returns (uint8);
    function latestAnswer() external view returns (int256);
    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80);
}

contract Proxy is IFeed {
    IFeed feed;

    function decimals() external view returns (uint8) {
        return feed.decimals();
    }

    function latestAnswer() external view returns (int256 answer) {
        uint256 updated;
        (, answer, , updated, ) = feed.latestRoundData();
        _fresh(updated);
    }

    function _fresh(uint256 updated) internal view {
        require(updated + 1 days > block.timestamp);
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return feed.latestRoundData();
    }
}
