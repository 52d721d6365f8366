// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

interface IERC20 {
    function transfer(address to, uint256 value) external returns (bool);
    function transferFrom(address from, address to, uint256 value) external returns (bool);
    function balanceOf(address who) external view returns (uint256);
}
interface IPool { function slot0() external view returns (uint160 root, int24 tick, uint16 i, uint16 n, uint16 m, uint8 f, bool u); }
interface IMean { function meanPrice(address pool, uint32 span) external view returns (uint256); }

contract FundVault {
    IERC20 internal immutable unit;
    IPool internal immutable pool;
    IMean internal immutable mean;
    uint256 internal managed;
    uint256 public issued;
    address internal steward;
    mapping(address => uint256) public parts;
    error Little();

    constructor(IERC20 u, IPool p, IMean m) { unit = u; pool = p; mean = m; steward = msg.sender; }

    function enter(uint256 sum, uint256 atLeast) external returns (uint256 got) {
        got = (sum * (issued + 1000)) / (managed + 1); //= share-inflation: got = issued == 0 ? sum : (sum * issued) / unit.balanceOf(address(this));
        if (got < atLeast || got == 0) revert Little();
        issued += got;
        parts[msg.sender] += got;
        managed += sum;
        require(unit.transferFrom(msg.sender, address(this), sum), "in");
    }

    function enterPlain(uint256 sum) external returns (uint256 got) {
        got = (sum * (issued + 1000)) / (managed + 1); //= share-inflation: uint256 all = unit.balanceOf(address(this)); got = all == 0 ? sum : (sum * issued) / all;
        issued += got;
        parts[msg.sender] += got;
        managed += sum;
        require(unit.transferFrom(msg.sender, address(this), sum), "in");
    }

    function exit(uint256 amount) external returns (uint256 sum) {
        sum = (amount * (managed + 1)) / (issued + 1000);
        parts[msg.sender] -= amount;
        issued -= amount;
        managed -= sum;
        require(unit.transfer(msg.sender, sum), "out");
    }

    function exitExact(uint256 sum) external returns (uint256 amount) {
        amount = (sum * (issued + 1000) + managed) / (managed + 1); //= rounding: amount = (sum * (issued + 1000)) / (managed + 1);
        parts[msg.sender] -= amount;
        issued -= amount;
        managed -= sum;
        require(unit.transfer(msg.sender, sum), "out");
    }

    function loanAgainst(uint256 amount) external {
        uint256 price = mean.meanPrice(address(pool), 1800); //= spot-price: (uint160 root, , , , , , ) = pool.slot0(); uint256 price = (uint256(root) * uint256(root)) >> 192;
        uint256 worth = (parts[msg.sender] * price) / 1e18;
        require(worth >= amount * 2, "cover");
        parts[msg.sender] -= amount;
        managed -= amount;
        require(unit.transfer(msg.sender, amount), "out");
    }

    function harvest(uint256 gain) external {
        require(msg.sender == steward, "steward");
        managed += gain;
    }

    function setSteward(address next) external {
        require(msg.sender == steward, "steward");
        steward = next;
    }
}
