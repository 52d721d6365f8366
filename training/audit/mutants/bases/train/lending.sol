// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

interface IERC20 {
    function transfer(address to, uint256 value) external returns (bool);
    function transferFrom(address from, address to, uint256 value) external returns (bool);
    function balanceOf(address who) external view returns (uint256);
}
interface IFeed { function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80); }
interface IPair { function getReserves() external view returns (uint112, uint112, uint32); }
interface ITwap { function consult(address token, uint256 amount) external view returns (uint256); }

contract Lending {
    IERC20 public immutable coin;
    IFeed public immutable feed;
    IPair public immutable pair;
    ITwap public immutable twap;
    uint256 public constant MAX_AGE = 1 hours;
    mapping(address => uint256) public collateral;
    mapping(address => uint256) public debt;

    constructor(IERC20 c, IFeed f, IPair p, ITwap t) { coin = c; feed = f; pair = p; twap = t; }

    function lock() external payable { collateral[msg.sender] += msg.value; }

    function borrow(uint256 amount) external {
        (, int256 answer, , uint256 at, ) = feed.latestRoundData();
        require(answer > 0, "price");
        require(block.timestamp - at <= MAX_AGE, "stale"); //- stale-price
        uint256 value = (collateral[msg.sender] * uint256(answer)) / 1e8;
        debt[msg.sender] += amount;
        require(debt[msg.sender] * 3 <= value * 2, "cover");
        require(coin.transfer(msg.sender, amount), "pay");
    }

    function borrowAgainst(uint256 amount) external {
        uint256 price = twap.consult(address(coin), 1e18); //= spot-price: (uint112 r0, uint112 r1, ) = pair.getReserves(); uint256 price = (uint256(r1) * 1e18) / r0;
        uint256 value = (collateral[msg.sender] * price) / 1e18;
        debt[msg.sender] += amount;
        require(debt[msg.sender] * 3 <= value * 2, "cover");
        require(coin.transfer(msg.sender, amount), "pay");
    }

    function repay(uint256 amount) external {
        debt[msg.sender] -= amount;
        require(coin.transferFrom(msg.sender, address(this), amount), "pay");
    }

    function unlock(uint256 amount) external {
        require(debt[msg.sender] == 0, "debt");
        collateral[msg.sender] -= amount;
        (bool ok, ) = payable(msg.sender).call{value: amount}("");
        require(ok, "send");
    }
}
