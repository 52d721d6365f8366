pragma solidity ^0.8.0;

contract Front {
    address private code;

    function upgrade(address next) external {
        require(next.code.length > 0);
        code = next; // fault
    }

    fallback() external payable {
        (bool ok, ) = code.delegatecall(msg.data);
        require(ok);
    }
}
