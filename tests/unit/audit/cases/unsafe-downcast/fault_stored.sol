pragma solidity ^0.8.19;

contract Ledger {
    mapping(address => uint128) public credit;
    address[] public members;
    int64 public mark;

    function grant(address to, uint256 amount) external {
        require(amount > 0);
        credit[to] += uint128(amount); // fault
    }

    function tag(int256 value) external {
        mark = int64(value); // fault
    }

    function join() external {
        uint8 place = uint8(members.length); // fault
        credit[msg.sender] = place;
        members.push(msg.sender);
    }
}
