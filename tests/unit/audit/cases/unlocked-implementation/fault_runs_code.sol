pragma solidity ^0.8.0;

abstract contract Initializable {
    bool private done;

    modifier initializer() {
        require(!done);
        done = true;
        _;
    }
}

contract Wallet is Initializable {
    address public owner;

    constructor() {
        owner = address(1);
    }

    function setUp() public initializer { // fault
        owner = msg.sender;
    }

    function run(address code, bytes calldata data) external {
        require(msg.sender == owner);
        (bool ok, ) = code.delegatecall(data);
        require(ok);
    }
}
