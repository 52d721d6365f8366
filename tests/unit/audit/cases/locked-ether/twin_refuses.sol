pragma solidity ^0.8.0;

contract Shut {
    receive() external payable {
        revert("no ether");
    }
}

contract Front {
    address immutable code;

    constructor(address chosen) payable {
        code = chosen;
    }

    fallback() external payable {
        (bool ok, ) = code.delegatecall(msg.data);
        require(ok);
    }
}
