// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

contract Crowdfund {
    address public immutable creator;
    uint256 public immutable goal;
    uint256 public immutable closesAt;
    uint256 public raised;
    bool public claimed;
    mapping(address => uint256) public given;
    address[] private givers;

    constructor(uint256 target, uint256 runs) {
        creator = msg.sender;
        goal = target;
        closesAt = block.timestamp + runs;
    }

    function give() external payable {
        require(block.timestamp < closesAt, "closed");
        if (given[msg.sender] == 0) givers.push(msg.sender);
        given[msg.sender] += msg.value;
        raised += msg.value;
    }

    function collect() external {
        require(msg.sender == creator, "creator");
        require(raised >= goal, "goal"); //= balance-equality: require(address(this).balance == goal, "goal");
        require(!claimed);
        claimed = true;
        (bool ok, ) = payable(creator).call{value: address(this).balance}("");
        require(ok, "pay");
    }

    function refund() external {
        require(block.timestamp >= closesAt && raised < goal, "running");
        uint256 back = given[msg.sender];
        given[msg.sender] = 0;
        (bool ok, ) = payable(msg.sender).call{value: back}("");
        require(ok, "pay");
    }
    //= push-payment: function refundAll() external { require(block.timestamp >= closesAt && raised < goal); for (uint256 i = 0; i < givers.length; i++) { uint256 back = given[givers[i]]; given[givers[i]] = 0; payable(givers[i]).transfer(back); } }
}
