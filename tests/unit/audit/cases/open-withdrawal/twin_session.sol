pragma solidity ^0.8.24;
contract Desk {
    int256 transient internal owed;
    bool transient internal opened;
    function open() external {
        opened = true;
        (bool ok, ) = msg.sender.call("");
        require(ok && owed == 0);
        opened = false;
    }
    function take(address payable to, uint256 amount) external {
        require(opened);
        owed -= int256(amount);
        to.transfer(amount);
    }
}
