pragma solidity ^0.8.20;

contract Refunds {
    mapping(uint256 => bool) public refunded;
    mapping(uint256 => bool) public logged;
    mapping(address => uint256) public credit;
    mapping(uint256 => uint256) public amountOf;
    address internal keeper = msg.sender;

    function open(uint256 id) external payable {
        amountOf[id] += msg.value;
        logged[id] = true;
    }

    function refund(uint256 id, address to) external {
        if (refunded[id]) revert();
        refunded[id] = true;
        credit[to] += amountOf[id];
    }

    function give(uint256 id, address payable to) external {
        require(msg.sender == keeper, "keeper");
        logged[id] = true;
        to.transfer(1);
    }
}
