pragma solidity ^0.8.0;

contract Front {
    address private code;

    function start(address first) external {
        require(code == address(0));
        code = first;
    }

    fallback() external payable {
        (bool ok, ) = code.delegatecall(msg.data);
        require(ok);
    }
}
