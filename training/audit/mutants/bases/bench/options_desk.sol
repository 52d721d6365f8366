// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

interface IFeed { function latestRoundData() external view returns (uint80 id, int256 answer, uint256 start, uint256 updated, uint80 round); }

contract OptionsDesk {
    struct Call_ { address writer; address holder; uint256 strike; uint256 size; uint256 expiry; bool closed; }
    error Stale();
    error Not(string why);
    IFeed internal immutable feed;
    uint256 internal constant TOLERANCE = 3600;
    Call_[] internal calls;
    mapping(address => uint256) public payable_;
    address internal governor;

    constructor(IFeed f) { feed = f; governor = msg.sender; }

    function _price() internal view returns (uint256) {
        (, int256 answer, , uint256 updated, ) = feed.latestRoundData();
        if (answer <= 0) revert Stale();
        if (updated + TOLERANCE < block.timestamp) revert Stale();
        return uint256(answer);
    }
    function write(uint256 strike, uint256 expiry) external payable returns (uint256 id) {
        if (expiry <= block.timestamp) revert Not("future");
        calls.push(Call_(msg.sender, address(0), strike, msg.value, expiry, false));
        return calls.length - 1;
    }

    function exercise(uint256 id) external payable {
        Call_ storage c = calls[id];
        if (c.holder != msg.sender) revert Not("holder"); //- no-caller-check //= tx-origin: if (c.holder != tx.origin) revert Not("holder");
        if (c.closed || block.timestamp > c.expiry) revert Not("open");
        uint256 price = _price(); //= stale-price: (, int256 a, , , ) = feed.latestRoundData(); uint256 price = uint256(a);
        if (price <= c.strike) revert Not("in the money");
        c.closed = true;
        payable_[msg.sender] += (c.size * (price - c.strike)) / price;
        payable_[c.writer] += (c.size * c.strike) / price;
    }

    function settle(uint256 id) external {
        Call_ storage c = calls[id];
        (, int256 answer, , uint256 updated, ) = feed.latestRoundData();
        if (answer <= 0 || block.timestamp - updated > TOLERANCE) revert Stale(); //= stale-price: if (answer <= 0) revert Stale();
        if (c.closed || block.timestamp <= c.expiry) revert Not("expired");
        c.closed = true;
        payable_[uint256(answer) > c.strike ? c.holder : c.writer] += c.size;
    }

    function reclaim(uint256 id) external {
        Call_ storage c = calls[id];
        if (msg.sender != c.writer) revert Not("writer"); //- no-caller-check
        if (c.closed || block.timestamp <= c.expiry) revert Not("expired");
        c.closed = true;
        payable_[c.writer] += c.size; //= effects-after-call: (bool ok, ) = msg.sender.call{value: c.size}(""); if (!ok) revert Not("sent"); c.closed = true; c.size = 0;
    }

    function collect() external {
        uint256 due = payable_[msg.sender];
        payable_[msg.sender] = 0;
        (bool ok, ) = msg.sender.call{value: due}("");
        if (!ok) revert Not("sent");
    }

    function setGovernor(address next) external {
        if (governor != msg.sender) revert Not("governor");
        governor = next;
    }
}
