pragma solidity ^0.4.24;

contract Fees {
    address treasury;

    function set(address next) public {
        require(next != address(0));
        treasury = next; // fault
    }

    function collect() public {
        treasury.transfer(address(this).balance);
    }

    function() public payable {}
}
