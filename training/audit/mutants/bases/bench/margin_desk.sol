// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

interface IERC20 {
    function transfer(address to, uint256 value) external returns (bool);
    function transferFrom(address from, address to, uint256 value) external returns (bool);
    function balanceOf(address who) external view returns (uint256);
}
interface IFeed { function latestRoundData() external view returns (uint80 id, int256 answer, uint256 start, uint256 updated, uint80 round); }
interface IPair { function getReserves() external view returns (uint112, uint112, uint32); }
interface IAverage { function quote(address pair, uint32 span) external view returns (uint256); }
interface IRouter { function swapExactTokensForTokens(uint256 amountIn, uint256 amountOutMin, address[] calldata path, address to, uint256 deadline) external returns (uint256[] memory); }

contract MarginDesk {
    struct Position { uint256 margin; uint256 size; uint256 entry; }
    IERC20 internal immutable cash;
    IFeed internal immutable feed;
    IPair internal immutable pair;
    IAverage internal immutable average;
    IRouter internal immutable router;
    address internal keeper;
    uint256 internal constant HEARTBEAT = 1 hours;
    mapping(address => Position) public positions;
    mapping(address => uint256) public free;

    error Refused();
    constructor(IERC20 c, IFeed f, IPair p, IAverage a, IRouter r) { cash = c; feed = f; pair = p; average = a; router = r; keeper = msg.sender; }

    function fund(uint256 sum) external {
        free[msg.sender] += sum;
        require(cash.transferFrom(msg.sender, address(this), sum), "fund");
    }

    function open(uint256 margin, uint256 size) external {
        (, int256 answer, , uint256 updated, ) = feed.latestRoundData();
        if (answer <= 0) revert Refused();
        if (block.timestamp - updated > HEARTBEAT) revert Refused(); //- stale-price
        if (size > margin * 5) revert Refused();
        free[msg.sender] -= margin;
        positions[msg.sender] = Position(margin, size, uint256(answer));
    }

    function close(address who) external {
        if (msg.sender != who && msg.sender != keeper) revert Refused(); //- no-caller-check
        Position memory p = positions[who];
        uint256 price = average.quote(address(pair), 900); //= spot-price: (uint112 a, uint112 b, ) = pair.getReserves(); uint256 price = (uint256(b) * 1e8) / a;
        uint256 worth = (p.size * price) / p.entry;
        delete positions[who];
        free[who] += p.margin + worth - p.size;
    }

    function rebalance(address[] calldata path, uint256 sum, uint256 least, uint256 until) external {
        if (msg.sender != keeper) revert Refused();
        router.swapExactTokensForTokens(sum, least, path, address(this), until); //= no-slippage: router.swapExactTokensForTokens(sum, 0, path, address(this), block.timestamp);
    }

    function take(uint256 sum) external {
        free[msg.sender] -= sum;
        require(cash.transfer(msg.sender, sum), "take");
    }

    function setKeeper(address next) external {
        if (msg.sender != keeper) revert Refused();
        keeper = next;
    }
}
