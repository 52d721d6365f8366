pragma solidity ^0.8.0;

contract Batch {
    struct Step { address to; uint256 value; bytes data; }

    mapping(address => uint256) public done;

    function run(Step[] calldata steps) external {
        for (uint256 i = 0; i < steps.length; i++) {
            (bool ok, ) = steps[i].to.call{value: steps[i].value}(steps[i].data); // fault
            require(ok);
        }
        done[msg.sender] += 1;
    }
}
