// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

interface IERC20 {
    function transfer(address to, uint256 value) external returns (bool);
    function transferFrom(address from, address to, uint256 value) external returns (bool);
}

library Down {
    error Overflow();
    function toUint96(uint256 x) internal pure returns (uint96) { if (x > type(uint96).max) revert Overflow(); return uint96(x); }
    function toUint40(uint256 x) internal pure returns (uint40) { if (x > type(uint40).max) revert Overflow(); return uint40(x); }
    function toUint112(uint256 x) internal pure returns (uint112) { if (x > type(uint112).max) revert Overflow(); return uint112(x); }
}

contract PayStream {
    using Down for uint256;
    struct Flow { address payer; address payee; uint96 perSecond; uint40 from; uint40 to; uint96 drawn; }
    IERC20 internal immutable coin;
    mapping(uint256 => Flow) public flows;
    mapping(address => uint112) public tips;
    uint256 public last;

    constructor(IERC20 c) { coin = c; }

    function open(address payee, uint256 rate, uint256 length) external returns (uint256 id) {
        id = ++last;
        uint256 end = block.timestamp + length;
        flows[id] = Flow(msg.sender, payee, rate.toUint96(), uint40(block.timestamp), end.toUint40(), 0);
        require(coin.transferFrom(msg.sender, address(this), rate * length), "fund");
    }

    function earned(uint256 id) public view returns (uint256) {
        Flow storage f = flows[id];
        uint256 until = block.timestamp < f.to ? block.timestamp : f.to;
        return (until - f.from) * f.perSecond - f.drawn;
    }

    function draw(uint256 id, uint256 sum) external {
        require(flows[id].payee == msg.sender, "payee"); //- no-caller-check //= tx-origin: require(flows[id].payee == tx.origin, "payee");
        require(earned(id) >= sum, "early");
        flows[id].drawn += sum.toUint96();
        require(coin.transfer(msg.sender, sum), "draw");
    }

    function tip(address to, uint256 sum) external {
        tips[to] += sum.toUint112();
        require(coin.transferFrom(msg.sender, address(this), sum), "tip");
    }

    function untip(uint112 sum) external {
        tips[msg.sender] -= sum;
        require(coin.transfer(msg.sender, sum), "untip");
    }

    function passTip(address to, uint112 sum) external {
        require(sum <= tips[msg.sender], "less");
        unchecked { tips[msg.sender] -= sum; }
        tips[to] += sum;
    }

    function partTip(address to, uint112 whole, uint112 parts) external {
        uint112 part = (whole * parts) / 1000;
        tips[msg.sender] -= part;
        tips[to] += part;
    }
    //= unchecked-block: function lump(address to, uint112 sum, uint112 times) external { unchecked { uint112 all = sum * times; require(tips[msg.sender] >= all); tips[msg.sender] -= all; } tips[to] += sum; }
}
