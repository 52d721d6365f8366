// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

interface IERC20 {
    function transfer(address to, uint256 value) external returns (bool);
    function transferFrom(address from, address to, uint256 value) external returns (bool);
    function balanceOf(address who) external view returns (uint256);
}

library Safe {
    error TokenFailed();
    function safeTransfer(IERC20 token, address to, uint256 value) internal {
        (bool ok, bytes memory out) = address(token).call(abi.encodeCall(token.transfer, (to, value)));
        if (!ok || (out.length != 0 && !abi.decode(out, (bool)))) revert TokenFailed();
    }
    function safeTransferFrom(IERC20 token, address from, address to, uint256 value) internal {
        (bool ok, bytes memory out) = address(token).call(abi.encodeCall(token.transferFrom, (from, to, value)));
        if (!ok || (out.length != 0 && !abi.decode(out, (bool)))) revert TokenFailed();
    }
}

contract Subscription {
    using Safe for IERC20;
    error NotPublisher();
    error Expired();
    IERC20 public immutable money;
    address public publisher;
    uint256 public monthly;
    mapping(address => uint256) public paidUntil;
    mapping(address => uint256) public balance;

    constructor(IERC20 m, uint256 price) { money = m; monthly = price; publisher = msg.sender; }

    function subscribe(uint256 months, address reader) external {
        uint256 from = paidUntil[reader] > block.timestamp ? paidUntil[reader] : block.timestamp;
        paidUntil[reader] = from + months * 30 days;
        money.safeTransferFrom(msg.sender, address(this), months * monthly);
    }

    function topUp(uint256 sum) external {
        balance[msg.sender] += sum;
        money.safeTransferFrom(msg.sender, address(this), sum);
    }

    function takeBack(uint256 sum) external {
        balance[msg.sender] -= sum;
        money.safeTransfer(msg.sender, sum);
    }

    function setMonthly(uint256 price) external {
        if (msg.sender != publisher) revert NotPublisher();
        monthly = price;
    }

    function cashOut(address to, uint256 sum) external {
        if (msg.sender != publisher) revert NotPublisher();
        money.safeTransfer(to, sum);
    }

    function giftShare(uint256 sum, uint256 percent, address friend) external {
        uint256 part = (sum * percent) / 100;
        balance[msg.sender] -= part;
        balance[friend] += part;
    }
    //= arbitrary-from: function charge(address reader, uint256 sum) external { money.safeTransferFrom(reader, address(this), sum); balance[msg.sender] += sum; }
}
