pragma solidity ^0.6.0;

contract Steps {
    receive() external payable {}

    function climb() external payable {
        uint8 step = 1;
        uint256 goal = msg.value + msg.value / 10;
        while (true) {
            if (step > goal) break; // fault
            if (step == 0) break;
            step++;
        }
        msg.sender.transfer(step);
    }
}
