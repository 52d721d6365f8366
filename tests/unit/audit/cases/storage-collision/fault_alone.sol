pragma solidity ^0.8.0;

contract Lone {
    address code;

    fallback() external payable {
        (bool ok, ) = code.delegatecall(msg.data); // fault
        require(ok);
    }
}
