pragma solidity ^0.6.0;

contract Relay {
    mapping(uint256 => bool) used;
    address target;

    event Ran(uint256 id, bool ok);

    function run(uint256 id, bytes memory data) public {
        if (used[id]) revert();
        (bool ok, ) = target.call(data); // fault
        used[id] = true;
        emit Ran(id, ok);
    }
}
