// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

abstract contract Roles {
    error Denied(address who);
    address internal chair;
    mapping(address => bool) internal officers;
    constructor() { chair = msg.sender; }
    modifier onlyChair() { if (msg.sender != chair) revert Denied(msg.sender); _; }
    modifier onlyOfficer() { if (!officers[msg.sender]) revert Denied(msg.sender); _; }
}

contract SavingsClub is Roles {
    error TooMuch();
    error Failed();
    struct Member { uint128 saved; uint64 since; bool frozen; }
    mapping(address => Member) internal members;
    uint256 public pot;
    bool private transient guard_;

    modifier exclusive() { if (guard_) revert Failed(); guard_ = true; _; guard_ = false; }

    function join() external payable exclusive {
        members[msg.sender].saved += uint128(msg.value);
        members[msg.sender].since = uint64(block.timestamp);
        pot += msg.value;
    }

    function leave(uint128 sum) external exclusive {
        Member storage m = members[msg.sender];
        if (m.saved < sum || m.frozen) revert TooMuch();
        members[msg.sender].saved -= sum;
        pot -= sum;
        (bool done, ) = msg.sender.call{value: sum}("");
        if (!done) revert Failed();
    }

    function leaveAll() external exclusive {
        uint256 sum = members[msg.sender].saved;
        if (sum == 0) revert TooMuch();
        (bool done, ) = msg.sender.call{value: sum}("");
        if (!done) revert Failed();
        members[msg.sender].saved = 0;
        pot -= sum;
    }

    function freeze(address who, bool on) external onlyOfficer { members[who].frozen = on; }
    function appoint(address who, bool on) external onlyChair { officers[who] = on; }
    function handOver(address next) external onlyChair { chair = next; }
    function payOut(address payable to, uint256 sum) external onlyChair exclusive {
        if (sum > pot) revert TooMuch();
        pot -= sum;
        (bool done, ) = to.call{value: sum}("");
        if (!done) revert Failed();
    }
    function shift(address to, uint128 sum) external exclusive {
        members[msg.sender].saved -= sum;
        members[to].saved += sum;
    }
    //= no-access-control: function freezeMe(address who) external { members[who].frozen = true; }
    //= no-access-control: function setChair(address next) external { chair = next; }
}
