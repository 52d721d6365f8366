pragma solidity ^0.5.0;

contract Sale {
    address payable owner = msg.sender;
    bool open;

    function set(bool value) public {
        open = value; // fault
    }

    function buy() public payable {
        if (!open) revert();
        owner.transfer(msg.value);
    }

    function close() public {
        require(msg.sender == owner);
        selfdestruct(owner);
    }
}
