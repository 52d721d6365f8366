pragma solidity ^0.5.0;

contract Relay {
    struct Step { bytes data; bool executed; }

    mapping(uint => Step) steps;
    uint id;

    function relay(address target, bytes memory data) public returns (bool) {
        require(steps[id].executed == false);
        steps[id].data = data;
        steps[id].executed = true;
        id += 1;
        (bool ok, ) = target.call(abi.encodeWithSignature("execute(bytes)", data)); // fault
        return ok;
    }
}
