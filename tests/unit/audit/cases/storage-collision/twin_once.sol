pragma solidity ^0.8.0;

contract Rights {
    address public owner;

    function claim() public {
        require(owner == address(0));
        owner = msg.sender;
    }
}

contract Front {
    address public owner;
    Rights rights;

    constructor(address code) {
        owner = msg.sender;
        rights = Rights(code);
    }

    fallback() external {
        (bool ok, ) = address(rights).delegatecall(msg.data);
        require(ok);
    }
}
