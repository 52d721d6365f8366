pragma solidity ^0.8.20;

contract Voters {
    address[] internal voters;

    function join() external {
        voters.push(msg.sender);
    }

    function leave() external {
        for (uint256 i; i < voters.length; i++) {
            if (voters[i] == msg.sender) {
                delete voters[i]; // fault
                return;
            }
        }
    }
}
