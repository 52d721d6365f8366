pragma solidity ^0.8.20;
contract Once {
    constructor(address payable to) {
        selfdestruct(to);
    }
    receive() external payable {}
}
