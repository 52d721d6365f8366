// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

interface IERC20 {
    function transfer(address to, uint256 value) external returns (bool);
    function transferFrom(address from, address to, uint256 value) external returns (bool);
    function balanceOf(address who) external view returns (uint256);
}

contract StakingRewards {
    IERC20 public immutable stakeToken;
    IERC20 public immutable rewardToken;
    address public owner;
    uint256 public rate;
    uint256 public updatedAt;
    uint256 public accumulated;
    uint256 public staked;
    address[] public pools;
    mapping(address => uint256) public stakeOf;
    mapping(address => uint256) public paidUpTo;
    mapping(address => uint256) public earned;

    constructor(IERC20 s, IERC20 r) { stakeToken = s; rewardToken = r; owner = msg.sender; }

    function _update(address who) internal {
        if (staked > 0) accumulated += (rate * (block.timestamp - updatedAt) * 1e18) / staked;
        updatedAt = block.timestamp;
        earned[who] += (stakeOf[who] * (accumulated - paidUpTo[who])) / 1e18;
        paidUpTo[who] = accumulated;
    }

    function stake(uint256 amount) external {
        _update(msg.sender);
        staked += amount;
        stakeOf[msg.sender] += amount;
        require(stakeToken.transferFrom(msg.sender, address(this), amount), "pay");
    }

    function unstake(uint256 amount) external {
        _update(msg.sender);
        stakeOf[msg.sender] -= amount;
        staked -= amount;
        require(stakeToken.transfer(msg.sender, amount), "pay");
    }

    function claim() external {
        _update(msg.sender);
        uint256 due = earned[msg.sender];
        earned[msg.sender] = 0;
        require(rewardToken.transfer(msg.sender, due), "pay");
    }

    function setRate(uint256 next) external {
        require(msg.sender == owner, "owner");
        _update(address(0));
        rate = next;
    }

    function quote(uint256 amount, uint256 part) external view returns (uint256) {
        return (amount * part) / 10_000;
    }

    function addPool(address pool) external {
        require(msg.sender == owner, "owner");
        require(pools.length < 32, "many");
        pools.push(pool);
    }

    //= unbounded-loop: function join() external { pools.push(msg.sender); }
    function poke() external {
        for (uint256 i = 0; i < pools.length; i++) {
            _update(pools[i]);
        }
    }
}
