pragma solidity ^0.8.0;

contract Admin {
    function OwnerTransferV7b711143(uint256 value) public virtual {} // fault
}

contract Front is Admin {
    fallback() external payable {
        address code = address(uint160(uint256(keccak256("code"))));
        (bool ok, ) = code.delegatecall(msg.data);
        require(ok);
    }
}

contract Wallet {
    uint256 left;

    function withdraw(uint256 amount) external {
        left -= amount;
    }
}
