pragma solidity ^0.8.0;

contract Front {
    address private immutable admin;
    address private code;

    constructor(address first) {
        admin = msg.sender;
        code = first;
    }

    function upgrade(address next) external {
        if (msg.sender != admin) revert();
        code = next;
    }

    fallback() external payable {
        (bool ok, ) = code.delegatecall(msg.data);
        require(ok);
    }
}
