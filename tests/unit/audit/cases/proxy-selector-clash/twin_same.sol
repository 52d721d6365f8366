pragma solidity ^0.8.0;

contract Front {
    function version() external pure returns (uint256) {
        return 1;
    }

    fallback() external payable {
        address code = address(uint160(uint256(keccak256("code"))));
        (bool ok, ) = code.delegatecall(msg.data);
        require(ok);
    }
}

contract Token {
    mapping(address => uint256) held;

    function version() external pure returns (uint256) {
        return 2;
    }

    function burn(uint256 amount) external {
        held[msg.sender] -= amount;
    }
}
