pragma solidity ^0.4.24;

contract Match {
    address first;
    address second;
    mapping(address => uint256) choice;

    function join(uint256 number) public payable {
        require(msg.value == 1 ether);
        choice[msg.sender] = number; // fault
        if (first == 0) {
            first = msg.sender;
        } else {
            second = msg.sender;
        }
    }

    function end() public {
        require(second != 0);
        if ((choice[first] + choice[second]) % 2 == 1) {
            first.transfer(2 ether);
        } else {
            second.transfer(2 ether);
        }
    }
}
