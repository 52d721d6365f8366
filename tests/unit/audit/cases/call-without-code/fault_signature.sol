pragma solidity ^0.6.0;

contract Registry {
    mapping(address => bool) started;

    function start(address module) public {
        (bool ok, ) = module.delegatecall(abi.encodeWithSignature("start()")); // fault
        require(ok);
        started[module] = true;
    }
}
