pragma solidity ^0.4.25;

contract Jumps {
    struct Step { function() internal run; }

    function nothing() internal {}

    function jump() public payable {
        Step memory step;
        step.run = nothing;
        assembly { mstore(step, add(mload(step), callvalue)) }
        step.run(); // fault
    }
}
