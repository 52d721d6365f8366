pragma solidity ^0.8.0;

interface IFeed {
    function decimals() external view returns (uint8);
    function latestAnswer() external view returns (int256);
    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80);
}

contract Lender {
    IFeed feed;

    function price() public view returns (uint256) {
        (, int256 answer, , , ) = feed.latestRoundData();
        require(answer > 0);
        return uint256(answer);
    }

    function mark(uint256 amount) external view returns (uint256) {
        int256 answer = feed.latestAnswer();
        if (answer <= 0) return 0;
        return uint256(answer) * amount;
    }
}
