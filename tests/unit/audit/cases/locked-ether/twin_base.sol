pragma solidity ^0.8.0;

import {Withdrawals} from "./Withdrawals.sol";

contract Wrapped is Withdrawals {
    function put() external payable {}
}

contract Till {
    function put() external payable {}
}

contract Paying is Till {
    function close() external {
        selfdestruct(payable(msg.sender));
    }
}
